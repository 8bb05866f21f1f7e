// What is said on the person’s own page, in English.
export default {
  me: {
    title: 'What is kept about you', lead: name => `This is what is kept for ${name}. Nothing here depends on a check, and you can come back at any time.`,
    decisions: 'Your decisions', none: 'You have not been asked for anything yet.',
    states: {
      granted: (at, until) => `agreed on ${at}, until ${until}`, refused: at => `not agreed, ${at}`,
      withdrawn: at => `withdrawn on ${at}`, lapsed: at => `agreed on ${at}, no longer valid`,
    },
    replaced: at => `agreed on ${at}; you have decided anew since`, byGuardian: '(by your guardian)',
    causes: { notice_changed: 'The notice changed in a way that matters, so you will be asked again.', delegation_ended: 'The enterprise’s delegation has ended.', term_over: 'Its time was over.' },
    words: 'The words you decided on', kept: 'Proof is kept until', keptUntil: at => `kept until ${at}`,
    checks: 'Your checks', noChecks: 'No check was made.', checkCount: n => n === 1 ? 'One check' : `${n} checks`,
    outcomes: { pass: 'passed', fail: 'no match', not_performed: 'not performed', running: 'not finished' },
    askReview: 'Have a person look at a failed check',
    requests: 'What you ask for', requestsText: 'The enterprise answers within fifteen days. Asking costs nothing.', ask: 'Ask for something',
    due: at => `to be answered by ${at}`, overdue: at => `the answer is late; it was due on ${at}`,
    answered: { done: at => `answered on ${at}`, refused: at => `declined on ${at}` }, wrote: 'What you wrote',
    grounds: {
      kept_by_law: 'Reason: the law asks for this to be kept.', standing_not_proven: 'Reason: it was not shown who asks.', nothing_held: 'Reason: nothing of the kind is held.',
      found_right: 'Reason: it was looked at and found right.', rights_of_others: 'Reason: it would tell of somebody else.', answered_before: 'Reason: the same was answered before.',
    },
    kinds: {
      copy: 'A copy from the enterprise', correct: 'Correct something', delete: 'Delete something', explain: 'Explain something',
      complaint: 'Complain', review: 'Have a person look at a failed check', relative: 'Ask as a relative of somebody who has died',
    },
    kin: { spouse: 'Husband or wife', parent: 'Father or mother', child: 'Son or daughter', sibling: 'Brother or sister', grandparent: 'Grandparent', grandchild: 'Grandchild' },
    choose: 'Please choose', askText: name => `${name} reads this and answers here. What you write is kept encrypted; whoever reads it is recorded.`,
    kind: 'What would you like?', text: 'In your own words', textHint: 'Needed to correct, to complain, and for relatives. Please leave out ID numbers.',
    relation: 'What are you to the person who has died?', proof: 'What shows it', proofHint: 'For example a certificate of death and one of kinship: one PDF, JPEG or PNG of at most 3 MB.',
    faults: { choose: 'Please choose one of these.', text: 'Please write what it is about.', file: 'Please choose a file.', large: 'This file is larger than 3 MB.' },
    send: 'Send', sent: 'Your request is on its way.', sentText: 'You find the answer here.',
    copy: 'A copy for you', copyText: 'Everything above in one file, with the records that prove it. Anybody can verify it without us.', getCopy: 'Get a copy',
    copyTitle: 'Your copy', copyHow: 'Save it as a file. If nothing is saved, as in some apps, copy the text below.', save: 'Save the file', asText: 'As text', copyAll: 'Copy the text',
    expired: { title: 'This page has expired', text: 'Open it again from the learning platform. Everything is as you left it.' },
  },
}
