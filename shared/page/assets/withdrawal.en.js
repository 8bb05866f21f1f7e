// What is said on the page of a receipt’s link, in English.
export default {
  withdrawal: {
    title: 'Withdraw your consent', text: name => `You agreed that ${name} checks who you are. From the next request on no check is made; those made before stay valid. It costs nothing and does not affect your learning or exams.`,
    none: ['There is no consent to withdraw', 'It was withdrawn or has ended already. No check will be made.'],
    broken: ['The link is not complete', 'Please use the whole link of your receipt. If you cannot find it, ask the officer named below.'],
  },
}
