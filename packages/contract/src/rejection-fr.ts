/** What each code of `rejection.ts` says, in French. */
export const REJECTIONS_FR: Readonly<Record<string, string>> = Object.freeze({
  'frame-malformed':
    'Le message n’a pas la forme binaire convenue, ou pas son unique codage admis. Construisez-le avec les fichiers actuels du protocole.',
  'too-large':
    'Le message dépasse la taille permise. Envoyez moins d’éléments ou moins de preuves dans un signalement.',
  'seal-malformed':
    'La signature n’est pas un JWS compact strict : espaces, remplissage et membres d’en-tête inconnus ou répétés sont refusés.',
  'algorithm-not-allowed':
    'L’algorithme de signature ou de chiffrement n’est pas l’un de ceux convenus. Signez avec Ed25519 ou ES256.',
  'key-unknown':
    'Aucune clé portant cet identifiant ne figure dans l’annuaire. Publiez-la d’abord, ou utilisez celle qui est publiée.',
  'key-not-valid':
    'La clé est révoquée, expirée ou pas encore valable, ou son titulaire est suspendu. Adressez-vous à votre agence nationale.',
  'signature-wrong':
    'La signature ne correspond pas. Le message a été modifié en chemin, ou signé avec une autre clé.',
  'header-malformed': 'Un champ de l’en-tête manque, est mal formé ou d’un genre inconnu.',
  'id-malformed':
    'Un identifiant n’a pas la forme convenue. Les membres se nomment comme « hotline.de », les messages ont 32 chiffres hexadécimaux.',
  'profile-wrong':
    'Messages de test et messages réels ne se mélangent jamais. Envoyez-le sur le réseau de son propre profil.',
  'sender-mismatch': 'Le message n’a pas été envoyé par le membre qui y est nommé comme expéditeur.',
  'not-an-emergency':
    'Le message a été remis avant tous les autres et ne déclare aucune urgence vitale. Envoyez-le par la voie ordinaire.',
  'recipient-unknown':
    'Le destinataire n’est pas dans l’annuaire, ou est suspendu. Vérifiez l’identifiant avec `entente directory show`.',
  'role-not-held': 'L’expéditeur ou le destinataire n’a pas le rôle nommé dans le message.',
  'not-for-this-nation':
    'Le message est destiné à un membre d’un autre pays et n’a pas sa place sur cette voie.',
  'no-counterpart': 'Les deux pays ne sont pas convenus d’échanger des signalements.',
  'body-mismatch': 'Le contenu chiffré n’est pas celui que l’expéditeur a signé.',
  expired:
    'Le délai pendant lequel ce message pouvait être accepté est passé. Renvoyez-le comme nouveau message.',
  'not-yet-valid': 'Le message se dit émis dans le futur. Vérifiez l’horloge du système qui l’a envoyé.',
  'lifetime-too-long':
    'Le message demande à être gardé plus longtemps qu’un message ne peut attendre. Réduisez sa durée de vie.',
  'id-reused':
    'Un autre message de cet expéditeur porte déjà cet identifiant. Utilisez-en un nouveau pour chaque message. Après une restauration, c’est ce message tel qu’il fut déjà envoyé : `entente explain` dit ce qu’il est devenu.',
  'schema-unknown': 'Le contenu suit une version du schéma qui n’est plus acceptée.',
  'facts-malformed': 'Les faits déclarés contiennent un mot qui n’est dans aucune des listes fermées.',
  'statement-malformed': 'La preuve ou l’approbation n’a pas la forme convenue.',
  'proof-missing': 'Une passerelle sur le chemin n’a pas prouvé qu’elle a consigné et autorisé ce message.',
  'proof-wrong':
    'Une preuve est fausse, ou appartient à un autre message, à un autre pays ou à une autre décision.',
  'decryption-failed':
    'Le contenu ne peut être déchiffré avec les clés du destinataire. Chiffrez-le pour la clé de l’annuaire.',
  'recipient-mismatch':
    'Le contenu chiffré nomme un autre expéditeur, un autre destinataire ou un autre message que l’en-tête signé.',
  'commitment-mismatch': 'Le contenu n’est pas celui auquel l’expéditeur s’est engagé.',
  'content-invalid': 'Le contenu ne suit pas le schéma de sa catégorie.',
  'content-forbidden':
    'Un signalement de cette catégorie ne doit porter ni image, ni vidéo, ni enregistrement sonore, sous aucune forme. Envoyez l’adresse et l’empreinte.',
  'facts-mismatch':
    'Les faits déclarés aux passerelles ne sont pas ceux du contenu. Cela est consigné comme une violation.',
  'case-unknown': 'Le message répond à un dossier que le destinataire n’a pas avec cet expéditeur.',
  'type-not-carried':
    'Les signalements de ce type ne sont pas transportés par ce réseau. Envoyez-les par votre voie habituelle.',
  'not-released':
    'Le message a été retenu, et celui qui peut le libérer a refusé. Le motif est indiqué à côté.',
  'hold-overdue':
    'Le message a été retenu, et personne de ceux qui peuvent le libérer n’a décidé à temps. Demandez-leur, et renvoyez-le comme nouveau message.',
  'inspect-not-allowed':
    'Seul un auditeur du même pays peut demander à un edge d’ouvrir un message, et il n’est ouvert que pour lui.',
  'rate-exceeded': 'Ce dossier n’a plus de place pour vos messages. Ouvrez-en un nouveau.',
  quarantined:
    'Un service sur le chemin a échoué sur ce message et l’a mis de côté. Son exploitant en est averti. Renvoyez-le comme nouveau message, ou demandez à votre agence nationale.',
});
