// Package browser tries the pages as people do: in a real Chromium with a camera that
// shows one of the portraits, against a real Nod and the demo's learning platform.
//
// With NOD_SCREENSHOTS set to a folder, every step is kept there as a picture, in both
// languages and three widths; see screens_test.go.
package browser
