// What is said to guardians, in English.
export default {
  guardian: {
    about: 'About you', choose: 'Please choose', missing: 'Please choose one of these.',
    relation: { label: 'What are you to the young person?', mother: 'Mother', father: 'Father', grandparent: 'Grandparent', sibling: 'Brother or sister', other_guardian: 'Another guardian' },
    reached_by: { label: 'How did you get the link to this page?', sms: 'By text message', email: 'By email', in_person: 'In person', app: 'In an app', other: 'In another way' },
    done: 'Your agreement is recorded', elsewhere: 'That is all you have to do. The check itself is made on the young person’s own device.',
    open: 'The young person has not agreed yet.', consented: 'The check can be made now.', over: 'The check is over.', close: 'You can close this page.',
    expired: { text: 'If it is still needed, the learning platform sends you another link.' },
    other: { title: 'The young person did not agree', text: 'No check is made. There is nothing for you to decide.' },
  },
}
