// What is said of a check on the vendor’s page, in English.
export default {
  hosted: {
    title: 'The check is on another page', text: who => `You go to a page of ${who}. It uses your camera: the video goes to ${who} and not to us. Only the result comes back here.`,
    back: 'When you have finished, it brings you back here by itself.', framed: 'That page cannot be shown inside this one, so the check goes on in a window of its own first.',
    go: 'Go to that page', phone: 'Use my phone', leaving: 'Taking you there…', unfinished: 'The check on the other page is not finished', still: 'Go on there, or use the alternative.', again: 'Go on there',
    child: 'It has to be seen that it is really you. For that, another page looks at your face with the camera for a moment.',
    checking: { title: 'Asking for the result', text: 'You are back. What came of the check is being asked for; this takes a few seconds.' },
    waiting: { text: 'Many people are being checked. It goes on by itself when it is your turn; you need not do anything.' },
    passed: { text: 'Only the result came back here: no video and no photo.' },
    fail: { text: 'Light, angle, movement or a changed look can cause this. It says nothing about you.', advice: 'Find a brighter place with even light, and follow what the other page says.' },
    failed: { text: 'This is not final, and nobody concludes from it that you did anything wrong. A program judged what the camera saw, and it can be mistaken.' },
    follow: { title: 'Go on in the other window', open: 'Waiting for your choice there', consented: 'Waiting for the check there' },
  },
}
