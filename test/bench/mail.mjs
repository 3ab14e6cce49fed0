// The content of a referral as signed and encrypted mail carries it (RFC 9580): no server, no transport, nothing kept.
import * as openpgp from 'openpgp';

/** @returns `send` signs and encrypts, `receive` decrypts and verifies; keys are read once, as a mail program does */
export async function openMail() {
  const [sender, recipient] = await Promise.all(
    ['hotline.de', 'isp.fr'].map((name) =>
      openpgp.generateKey({ type: 'curve25519', userIDs: [{ name }], format: 'object' }),
    ),
  );
  return {
    send: async (content) =>
      await openpgp.encrypt({
        message: await openpgp.createMessage({ text: content }),
        encryptionKeys: recipient.publicKey,
        signingKeys: sender.privateKey,
      }),
    receive: async (armored) => {
      const { data, signatures } = await openpgp.decrypt({
        message: await openpgp.readMessage({ armoredMessage: armored }),
        decryptionKeys: recipient.privateKey,
        verificationKeys: sender.publicKey,
      });
      await signatures[0].verified;
      return data;
    },
  };
}
