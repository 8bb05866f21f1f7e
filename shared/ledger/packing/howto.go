package packing

import _ "embed"

// HowToVerify is what a bundle says about verifying it, in Chinese and English.
//
//go:embed verify.txt
var HowToVerify []byte
