// What is said to a child, in English.
const fine = { title: 'That is all right', text: 'It stops here, and nobody may be cross with you. Tell a grown-up: there is another way.' }

export default {
  child: {
    title: 'Somebody decides with you', what: 'It has to be seen that it is really you. For that, one photo of your face is taken and compared with another one of you. Then it is thrown away.',
    who: 'Your mother, your father or whoever looks after you reads about it first, and says yes or no. They get a link of their own.',
    wait: 'We are waiting for them. This page goes on by itself.', no: 'I do not want this', withdraw: 'I do not want this',
    fine,
    agreed: at => `Your guardian said yes on ${at}.`,
    guardianRefused: { title: 'Your guardian said no', text: 'Nothing happens now. There is another way, and a grown-up helps you with it.' },
    consented: { title: 'Your guardian said yes', text: 'There is nothing for you to do now.' },
    withdrawn: fine,
  },
}
