/** What each code of `rejection.ts` says, in German. */
export const REJECTIONS_DE: Readonly<Record<string, string>> = Object.freeze({
  'frame-malformed':
    'Die Nachricht hat nicht die vereinbarte binäre Form oder nicht deren einzige zulässige Kodierung. Erzeugen Sie sie mit den aktuellen Protokolldateien.',
  'too-large':
    'Die Nachricht ist größer als erlaubt. Senden Sie weniger Gegenstände oder weniger Belege in einer Meldung.',
  'seal-malformed':
    'Die Signatur ist kein strenges kompaktes JWS: Leerraum, Füllzeichen, unbekannte oder doppelte Angaben im Kopf werden abgelehnt.',
  'algorithm-not-allowed':
    'Das Signatur- oder Verschlüsselungsverfahren ist keines der vereinbarten. Signieren Sie mit Ed25519 oder ES256.',
  'key-unknown':
    'Im Verzeichnis steht kein Schlüssel mit dieser Kennung. Veröffentlichen Sie ihn zuerst, oder nehmen Sie den veröffentlichten.',
  'key-not-valid':
    'Der Schlüssel ist widerrufen, abgelaufen oder noch nicht gültig, oder sein Inhaber ist gesperrt. Fragen Sie Ihre nationale Stelle.',
  'signature-wrong':
    'Die Signatur stimmt nicht. Die Nachricht wurde unterwegs verändert oder mit einem anderen Schlüssel signiert.',
  'header-malformed': 'Ein Feld des Kopfes fehlt, ist fehlerhaft oder von unbekannter Art.',
  'id-malformed':
    'Eine Kennung hat nicht die vereinbarte Form. Mitglieder heißen wie „hotline.de“, Nachrichten haben 32 Hexadezimalziffern.',
  'profile-wrong':
    'Test- und Echtnachrichten werden nie gemischt. Senden Sie sie in das Netz ihres eigenen Profils.',
  'sender-mismatch': 'Die Nachricht wurde nicht von dem Mitglied gesendet, das als Absender genannt ist.',
  'not-an-emergency':
    'Die Nachricht wurde vor allen anderen eingereicht und gibt keinen Notfall an. Senden Sie sie auf dem gewöhnlichen Weg.',
  'recipient-unknown':
    'Der Empfänger steht nicht im Verzeichnis oder ist gesperrt. Prüfen Sie die Kennung mit `entente directory show`.',
  'role-not-held': 'Absender oder Empfänger hat die Rolle nicht, die in der Nachricht steht.',
  'not-for-this-nation':
    'Die Nachricht ist für ein Mitglied eines anderen Staates und gehört nicht auf diesen Weg.',
  'no-counterpart': 'Die beiden Staaten haben keinen Austausch von Meldungen vereinbart.',
  'body-mismatch': 'Der verschlüsselte Inhalt ist nicht der, den der Absender signiert hat.',
  expired:
    'Die Zeit, in der diese Nachricht angenommen werden konnte, ist vorbei. Senden Sie sie als neue Nachricht noch einmal.',
  'not-yet-valid':
    'Die Nachricht gibt an, in der Zukunft ausgestellt zu sein. Prüfen Sie die Uhr des sendenden Systems.',
  'lifetime-too-long':
    'Die Nachricht will länger aufbewahrt werden, als eine Nachricht warten darf. Verkürzen Sie ihre Lebensdauer.',
  'id-reused':
    'Eine andere Nachricht dieses Absenders hat diese Kennung schon. Nehmen Sie für jede Nachricht eine neue. Nach einer Wiederherstellung ist es diese Nachricht, wie sie vorher gesendet wurde: `entente explain` sagt, was aus ihr geworden ist.',
  'schema-unknown':
    'Der Inhalt wurde nach einer Fassung des Schemas geschrieben, die nicht mehr angenommen wird.',
  'facts-malformed':
    'Die angegebenen Fakten enthalten ein Wort, das in keiner der geschlossenen Listen steht.',
  'statement-malformed': 'Der Nachweis oder die Freigabe hat nicht die vereinbarte Form.',
  'proof-missing':
    'Ein Gate auf dem Weg hat nicht nachgewiesen, dass es diese Nachricht protokolliert und zugelassen hat.',
  'proof-wrong':
    'Ein Nachweis ist gefälscht oder gehört zu einer anderen Nachricht, einem anderen Staat oder einer anderen Entscheidung.',
  'decryption-failed':
    'Der Inhalt lässt sich mit den Schlüsseln des Empfängers nicht entschlüsseln. Verschlüsseln Sie ihn für den Schlüssel im Verzeichnis.',
  'recipient-mismatch':
    'Der verschlüsselte Inhalt nennt einen anderen Absender, Empfänger oder eine andere Nachricht als der signierte Kopf.',
  'commitment-mismatch': 'Der Inhalt ist nicht der, auf den sich der Absender festgelegt hat.',
  'content-invalid': 'Der Inhalt folgt nicht dem Schema seiner Kategorie.',
  'content-forbidden':
    'Eine Meldung dieser Kategorie darf kein Bild, kein Video und keine Tonaufnahme enthalten, in keiner Form. Senden Sie die Adresse und den Hash.',
  'facts-mismatch':
    'Die den Gates angegebenen Fakten sind nicht die des Inhalts. Dies wird als Verstoß protokolliert.',
  'case-unknown': 'Die Nachricht antwortet auf einen Fall, den der Empfänger mit diesem Absender nicht hat.',
  'type-not-carried':
    'Meldungen dieser Art befördert dieses Netz nicht. Senden Sie sie auf Ihrem gewohnten Weg.',
  'not-released':
    'Die Nachricht wurde angehalten, und wer sie freigeben darf, hat abgelehnt. Der Grund steht daneben.',
  'hold-overdue':
    'Die Nachricht wurde angehalten, und niemand, der sie freigeben darf, hat rechtzeitig entschieden. Fragen Sie dort nach, und senden Sie sie als neue Nachricht noch einmal.',
  'inspect-not-allowed':
    'Nur eine Aufsicht desselben Staates darf einen Edge bitten, eine Nachricht zu öffnen, und nur ihr wird sie geöffnet.',
  'rate-exceeded': 'In diesem Fall ist kein Platz mehr für Ihre Nachrichten. Eröffnen Sie einen neuen.',
  quarantined:
    'Ein Dienst auf dem Weg ist an dieser Nachricht gescheitert und hat sie beiseitegelegt. Sein Betreiber weiß davon. Senden Sie sie als neue Nachricht noch einmal, oder fragen Sie Ihre nationale Stelle.',
});
