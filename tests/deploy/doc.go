// Package deploy tests what the clouds are told: that each call reaches the function that
// serves it, and that no function may more than it needs.
package deploy
