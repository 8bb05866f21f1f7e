package packing

import (
	"archive/zip"
	"fmt"
	"io"
	"math"
)

// firstOfJanuary1980 is the time of every entry, as zip files write it.
const firstOfJanuary1980 = 1<<5 | 1

// descriptorFollows says that lengths stand behind an entry's content.
const descriptorFollows = 0x8

// Zip writes files as a zip, in their order. It reads each part once, as it goes.
func Zip(w io.Writer, files []File, open func(part string) (io.ReadCloser, error)) error {
	z := zip.NewWriter(w)
	for i := range files {
		f := &files[i]
		h := &zip.FileHeader{
			Name: f.Name, CRC32: f.CRC, UncompressedSize64: uint64(f.Bytes), CompressedSize64: uint64(f.inZip()),
		}
		//lint:ignore SA1019 an entry that is written raw has no other time, and no extra field for it
		h.ModifiedDate = firstOfJanuary1980
		if f.compressed() {
			h.Method = zip.Deflate
		}
		if h.UncompressedSize64 >= math.MaxUint32 || h.CompressedSize64 >= math.MaxUint32 {
			h.Flags |= descriptorFollows // they have no room in front of it
		}
		entry, err := z.CreateRaw(h)
		if err != nil {
			return fmt.Errorf("packing: %s: %w", f.Name, err)
		}
		if err := f.content(entry, open); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("packing: %w", err)
	}
	return nil
}
