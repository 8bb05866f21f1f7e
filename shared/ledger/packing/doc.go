// Package packing makes a bundle of Records in parts, so that whoever makes it can be ended
// at any time and gone on with by somebody else, and needs no more memory for a million
// Records than for a thousand. It knows no network and no database: parts are byte slices,
// which its caller keeps.
//
//	var f packing.File            // is JSON: it says how far the file is
//	part := f.Begin()
//	part.Write(lines)
//	data, err := part.End()       // to be kept; f knows its length and its sums
//	...
//	err = packing.Zip(w, entries) // puts the parts of all files one behind the other
//
// A part of a compressed file is a piece of a deflate stream that ends at a byte, so that
// parts need only be put together. What comes of it depends on what was written and on where
// the parts ended, and on nothing else: no clock, no chance, no order of a map.
package packing
