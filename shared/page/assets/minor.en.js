// What is said to a minor, in English.
export default {
  minor: {
    title: 'Waiting for your guardian', text: 'You have agreed. As you are under 18, your mother, father or another guardian has to agree as well. The learning platform sends them a link of their own, for their own phone or computer.',
    wait: 'This page goes on by itself once they have agreed.',
    guardianRefused: { title: 'Your guardian did not agree', text: 'No check is made. Use the alternative; nothing else changes.' },
  },
}
