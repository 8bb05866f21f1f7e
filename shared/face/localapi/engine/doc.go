// Package engine finds faces in a picture and turns a face into 128 numbers, so
// that two faces can be compared without any cloud. It is plain Go: no cgo, no
// accelerator, no network.
//
// Three small networks do the work, one after the other:
//
//	picture --detector--> boxes --landmarks--> 68 points --alignment--> 150x150 crop --descriptor--> 128 numbers
//
// Faces runs the first, Describe the rest for the one box that the caller chose.
// Two descriptors are compared by Distance: a portrait that was turned, halved,
// darkened or compressed lies at .06-.23 from itself, one that was blurred hard at .2
// to .4, and different people at .55 and above. These figures come from a few dozen
// faces and no two photographs of one person; nobody has measured this engine's
// false-accept rate on a real population, and it knows nothing of liveness: a
// photograph of a photograph is a face to it.
//
// # Alignment
//
// The networks were trained on level faces. Leveled, the way of real use, turns the
// crop by the line between the eyes, which brings a face that is turned by 20 degrees
// from .4 to about .1 from its level self. Upright leaves the crop parallel to the
// picture; it exists because published descriptors are made that way, and lets a test
// hold this implementation against them.
//
// # Memory
//
// A Picture is a copy that its owner wipes. The tensors of a call are cleared before
// the call returns. What the engine cannot clear are registers and the stack.
package engine
