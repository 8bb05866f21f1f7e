// The page's texts, written in English rather than translated word by word.
const purposes = { training: 'training', exam: 'exams', realname: 'real-name checks' }
const routes = { photo: 'comparison of two photos', authority: 'comparison with the authority’s photo', hosted: 'liveness check on the service provider’s page', two_factor: 'name and ID number' }
const data = {
  face_image: 'face image', reference_photo: 'reference photo', subject_id: 'ID on the platform', name: 'name',
  id_number: 'ID card number', liveness_video: 'liveness video',
}
const fields = {
  enterprise_name: 'name of the enterprise', routes: 'how the check is made', liveness: 'liveness test', recipients: 'who receives it',
  data_kinds: 'kinds of information', retention_days: 'how long records are kept', consent_days: 'how long a consent lasts',
  necessity: 'why it is needed', impact: 'what it means for you', rights: 'your rights', contact: 'whom to contact',
  high_risk: 'a high risk found by the assessment', delegation: 'delegation record', contents: 'wording',
  delegation_gap: 'the delegation was interrupted', handler: 'who answers to you',
}
export default {
  lang: 'en', other: '中文', switchTo: '切换到中文',
  purposes, routes, data, fields,
  list: items => items.join(', '),
  title: 'Identity check', back: 'Back', again: 'Try again', reload: 'Open again', goOn: 'Continue', toPlatform: 'Back to the learning platform',
  closeTab: 'You can close this page and go back to the learning platform.',
  test: 'Test mode: outcomes are scripted, nothing is compared.',
  more: 'The whole text', facts: 'The facts', alternative: 'The alternative',
  noAlternative: 'You need not be checked here: contact the enterprise and use the alternative that it offers.', contact: 'Contact the enterprise',
  officer: 'Officer', phone: 'Phone', email: 'Email', address: 'Address', reference: 'Reference',
  opening: 'Opening…',

  agree: 'Agree', refuse: 'Refuse', readAgain: 'I changed my mind: show the notice',
  onlyIn: 'This notice is available in Chinese only.',
  changed: 'The notice has changed since you agreed', changedMaterial: ' (important change)',
  fact: {
    who: 'Who is responsible', purpose: 'What for', route: 'How', recipients: 'Who receives it', data: 'What is used', liveness: 'Liveness test',
    retention: 'Records are kept', consent: 'Your consent lasts', necessity: 'Why it is needed', impact: 'What it means for you', rights: 'Your rights',
    contact: 'Whom to contact', delegation: 'Delegation record', notice: 'Version of this notice', risk: 'High risk',
  },
  yes: 'yes', no: 'no', aside: (a, b) => `${a} (${b})`, days: n => n === 1 ? '1 day' : `${n} days`, version: n => `version ${n}`,
  risky: 'The impact assessment found a high risk in this.',
  tampered: { title: 'The notice was changed on its way', text: 'What arrived is not what was published. Open the page again on another network, or tell the enterprise.' },

  ready: { title: 'Get ready for a photo', text: 'Find even light, take off any mask or sunglasses, and face the camera. The photo serves this one check and is then discarded.', open: 'Open the camera', photo: 'Choose a photo', phone: 'Use my phone' },
  agreed: (at, until) => `You agreed on ${at}; this lasts until ${until}.`,
  withdraw: 'Withdraw', withdrawing: 'Withdrawing…', receipt: 'Receipt',
  live: {
    title: 'Face the camera', text: 'Bring your whole face into the oval, look at the camera, then press “Take photo”.', shutter: 'Take photo', stop: 'Close the camera',
    asking: 'Your browser asks whether it may use the camera. Please allow it.', speak: 'Read hints aloud', ok: 'Ready', press: 'When your face is in the oval, press “Take photo”',
    dark: 'A bit dark: turn towards the light', bright: 'Too bright: avoid strong light', blurred: 'Hold still', far: 'Come closer', near: 'Move back a little',
    left: 'A little to the left', right: 'A little to the right', up: 'A little higher', down: 'A little lower', nobody: 'No face in view: face the camera',
  },
  checking: { title: 'Checking', text: 'Your photo is being checked. This takes a few seconds.' },
  waiting: { title: 'Waiting for your turn', text: 'Many people are being checked. It goes on by itself when it is your turn; your photo is still on your device.' },
  left: s => `Trying again in ${s > 90 ? Math.ceil(s / 60) + ' min' : s + ' s'}`, notBefore: at => `You can try again from ${at} on.`,
  offline: { title: 'You are offline', text: 'It goes on by itself once you are connected; nothing is lost.' },
  down: { title: 'The service cannot be reached', text: 'This is not your doing. Try again in a while, or use the alternative; it costs you nothing.' },
  retake: 'Take another photo', perhapsReference: 'If this goes on, the photo that the enterprise holds may be the cause: use the alternative and tell them.',

  passed: { title: 'You passed', text: 'The photo was discarded and is not kept.' },
  fail: { title: 'No match this time', text: 'Light, angle, glasses or a changed look can cause this. It says nothing about you.', advice: 'Find a brighter place with even light, face the camera and fill the oval.' },
  triesLeft: n => n === 1 ? 'One more try is left.' : `${n} more tries are left.`,
  failed: { title: 'No match in three tries', text: 'This is not final, and nobody concludes from it that you did anything wrong. A program compared two photos, and it can be mistaken.', review: 'You can ask for the reasons, and for a person to look at it. Contact:' },
  refused: { title: 'You chose not to agree', text: 'No check was made. Use the alternative; nothing else changes.', until: at => `You are not asked again before ${at}.` },
  withdrawn: { title: 'Consent withdrawn', text: 'No check is made from now on. Checks made before stay valid.' },
  withdrawnBefore: { title: 'You withdrew your consent', text: 'No check is made since then; those made before stay valid. Use the alternative, or agree again at any time.' },
  expired: { title: 'This check has expired', text: 'Go back to the learning platform and start again. What you chose before still counts.' },
  cancelled: { title: 'The platform ended this check', text: 'If you need one, start again from the learning platform.' },
  otherwise: { title: 'Settled by the alternative', text: 'No check is needed any more.' },
  elsewhere: { title: 'Opened elsewhere', text: 'This link was opened on another page or device. If that was you, go on there. If not, start again from the learning platform.' },
  broken: { title: 'The link is not complete', text: 'Open it again from the learning platform. If you copy it, copy all of it.' },
  stale: { title: 'The link has expired', text: 'Please start again from the learning platform.' },
  wrongPlace: { title: 'The link does not belong to this page', text: 'It belongs to another company. Start again from the learning platform.' },
  unavailable: 'No check is possible now',
  consented: { title: 'Your consent is recorded', text: 'You need not agree again when the time comes, and you can withdraw at any time.' },

  time: { left: n => n === 1 ? '1 minute left' : `${n} minutes left`, more: 'I need more time', given: 'You have more time now', failed: 'That did not work. Please try again in a moment.', none: 'It cannot be extended: please finish soon, or use the alternative.' },
  handover: { title: 'Go on with your phone', text: 'Scan this code with your phone to go on there. It works once, within two minutes.', alt: 'QR code that opens this check on a phone', left: s => `${s} s left`, over: 'The code has expired', fresh: 'New code', local: 'This Nod runs on your computer alone: a phone cannot reach it.' },
  follow: {
    title: 'Go on with your phone', text: 'Keep this page open: it shows how it goes.',
    open: 'Waiting for your choice on the phone', consented: 'Waiting for your photo on the phone', refused: 'You chose not to agree',
  },
  openAlone: 'Open in its own window',

  trouble: {
    denied: ['The camera is not allowed', 'Allow it for this page in your browser’s settings (on a computer: the icon in the address bar), then try again.'],
    dismissed: ['The camera was not allowed yet', 'Try again, and choose “Allow” when your browser asks.'],
    none: ['There is no camera', 'Connect one, or use your phone.'],
    busy: ['The camera is in use', 'Close what uses it (a video call?), then try again.'],
    insecure: ['This page is not secure', 'Browsers allow the camera on https pages only. Start again from the learning platform, or tell the enterprise.'],
    blocked: ['The platform does not allow the camera', 'The page is embedded without the right to use a camera. Open it in its own window.'],
    old: ['This browser cannot take photos', 'Use a newer browser, or your phone.'],
    slow: ['The camera does not answer', 'If it asks, choose “Allow”. Otherwise try again, or close what else uses it.'],
    photo: ['This file cannot be used', 'Please choose a photo in JPEG or PNG format.'],
  },
  wecom: 'WeCom', wechat: 'WeChat',
  inApp: app => `In ${app}: tap “⋯” at the top right and choose “Open in browser”, or allow ${app} to use the camera in your phone’s settings.`,

  receipts: {
    'consent.granted': 'Receipt for your consent', 'consent.withdrawn': 'Receipt for your withdrawal', keep: 'Please keep this: print it, or copy the link below. With it you can withdraw even after you have left the platform.',
    at: 'Time', until: 'Lasts until', agreed: 'What you agreed to', link: 'Link that withdraws', copy: 'Copy the link', copied: 'Copied', print: 'Print',
    proof: 'For verification', record: 'The record in the log, as it stands', leaf: 'Hash of the record', opening: 'Shows whom the record is about', document: 'Copy it all for programs',
  },
}
