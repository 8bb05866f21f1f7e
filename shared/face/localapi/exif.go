package localapi

import (
	"bytes"
	"encoding/binary"

	"nod/shared/face/localapi/engine"
)

// Numbers of the JPEG and Exif formats.
const (
	markerStartOfScan  = 0xDA
	markerApp1         = 0xE1
	tagOrientation     = 0x0112
	exifHead           = "Exif\x00\x00"
	directoryEntrySize = 12
)

// orientation reads from a JPEG how its picture has to be laid. Phones store what the
// sensor saw and only note how they were held; the vendor heeds the note. Whatever is
// missing or damaged means "as it is".
func orientation(data []byte) engine.Orientation {
	if !bytes.HasPrefix(data, []byte("\xFF\xD8")) {
		return engine.AsItIs
	}
	for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xFF && rest[1] != markerStartOfScan; {
		length := int(binary.BigEndian.Uint16(rest[2:]))
		if length < 2 || len(rest) < 2+length {
			break
		}
		segment := rest[4 : 2+length]
		if tiff, ok := bytes.CutPrefix(segment, []byte(exifHead)); ok && rest[1] == markerApp1 {
			return tiffOrientation(tiff)
		}
		rest = rest[2+length:]
	}
	return engine.AsItIs
}

// tiffOrientation looks the tag up in the first directory.
func tiffOrientation(tiff []byte) engine.Orientation {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return engine.AsItIs
	}
	if len(tiff) < 8 {
		return engine.AsItIs
	}
	at := order.Uint32(tiff[4:])
	if uint64(at)+2 > uint64(len(tiff)) {
		return engine.AsItIs
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < directoryEntrySize {
			break
		}
		if order.Uint16(entries) == tagOrientation {
			if o := engine.Orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
		entries = entries[directoryEntrySize:]
	}
	return engine.AsItIs
}
