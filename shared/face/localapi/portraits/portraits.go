// Package portraits holds two portraits of public figures that anybody may use,
// for tests, the demo and the fake camera. They show two different people, so a
// comparison of the one with the other must fail; "the same person again" is made
// by changing one of them (turning, scaling, darkening, blurring). README.md says
// where they come from and why they may be committed.
package portraits

import _ "embed"

// Collins is Eileen Collins, PNG, 512 x 512. The caller must not change the bytes.
//
//go:embed collins.png
var Collins []byte

// Hopper is Grace Hopper, JPEG, 512 x 600. The caller must not change the bytes.
//
//go:embed hopper.jpg
var Hopper []byte
