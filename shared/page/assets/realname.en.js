// What is said of name and ID number, in English.
export default {
  realname: {
    title: 'Your name and ID number',
    name: 'Name', id_number: 'ID card number', hints: { name: 'As it stands on your ID card', id_number: '18 characters; the last one may be an X' },
    kept: 'They serve this one check and are kept nowhere, on your device neither.',
    check: 'Check now', change: 'Change name or number', anew: 'Enter them again',
    given: { title: 'Your name and ID number are checked', text: 'The learning platform has supplied both; there is nothing to type.' },
    faults: {
      name: 'Please enter your name as it stands on the ID card, without digits or other signs.', length: 'An ID number has 18 characters. Please count yours again.',
      form: 'An ID number has 17 digits and then a digit or an X.', digit: 'One of the characters is wrong: the last one does not fit the others. Please compare the number with your ID card.',
    },
  },
}
