// What is said of a check of name and ID number alone, in English.
export default {
  two_factor: {
    to: who => `Both go to ${who} and are compared with the authority’s records. `,
    child: 'It has to be seen that it is really you. For that, your name and the number of your ID card are compared with a list. No photo is taken.',
    checking: { text: 'Your name and ID number are being compared. This takes a few seconds.' },
    waiting: { text: 'Many people are being checked. It goes on by itself when it is your turn; you need not do anything.' },
    passed: { text: 'Your name and ID number served this one check and were not kept.' },
    fail: { text: 'A typing error, a rare character or a former name can cause this. It says nothing about you.', advice: 'Compare both with your ID card, character by character.' },
    failed: { text: 'This is not final, and nobody concludes from it that you did anything wrong. A program compared two entries, and records can be out of date.' },
  },
}
