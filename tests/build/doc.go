// Package build tests what is deployed: how the functions are built.
package build
