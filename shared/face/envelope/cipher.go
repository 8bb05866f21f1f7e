package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"

	"github.com/emmansun/gmsm/sm4"
)

// A scheme is one of the vendor's symmetric algorithms.
type scheme struct {
	keySize, ivSize, tagSize int
	// encrypt returns the ciphertext of value and its tag, in a slice of its own.
	encrypt func(key, iv, value []byte) (ciphertext, tag []byte, err error)
	// decrypt returns the value in a slice of its own, nothing if there is an error.
	decrypt func(key, iv, ciphertext, tag []byte) ([]byte, error)
}

var schemes = map[string]scheme{
	AES256CBC: {32, aes.BlockSize, 0, encryptCBC, decryptCBC},
	SM4GCM:    {sm4.BlockSize, 12, 16, encryptGCM, decryptGCM},
}

func encryptCBC(key, iv, value []byte) (ciphertext, tag []byte, err error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	padding := aes.BlockSize - len(value)%aes.BlockSize
	buf := make([]byte, len(value)+padding)
	for i := copy(buf, value); i < len(buf); i++ {
		buf[i] = byte(padding)
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(buf, buf)
	return buf, nil, nil
}

var errPadding = errors.New("envelope: padding")

func decryptCBC(key, iv, ciphertext, _ []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(ciphertext) == 0 || len(ciphertext)%aes.BlockSize != 0 {
		return nil, errPadding
	}
	buf := make([]byte, len(ciphertext))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(buf, ciphertext)
	last := buf[len(buf)-1]
	padding := bytes.Repeat([]byte{last}, int(last))
	if last == 0 || last > aes.BlockSize || !bytes.HasSuffix(buf, padding) {
		clear(buf)
		return nil, errPadding
	}
	return buf[:len(buf)-len(padding)], nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func encryptGCM(key, iv, value []byte) (ciphertext, tag []byte, err error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, nil, err
	}
	n := len(value)
	buf := make([]byte, n, n+gcm.Overhead()) // so that sealing stays in place
	copy(buf, value)
	buf = gcm.Seal(buf[:0], iv, buf, nil)
	return buf[:n], buf[n:], nil
}

func decryptGCM(key, iv, ciphertext, tag []byte) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	sealed := append(bytes.Clone(ciphertext), tag...)
	return gcm.Open(sealed[:0], iv, sealed, nil)
}
