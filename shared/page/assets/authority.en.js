// What is said of a check against the authority’s photo, in English.
export default {
  authority: {
    to: who => `Both go to ${who} together with the photo that you take next, to be compared with the authority’s. `,
    passed: { text: 'The photo, the name and the ID number were discarded and are not kept.' },
    fail: { text: 'Light, angle, a changed look or a typing error can cause this. It says nothing about you.', advice: 'See that name and number are those of your ID card. Then find a brighter place with even light, face the camera and fill the oval.' },
  },
}
