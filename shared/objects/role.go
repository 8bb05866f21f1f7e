package objects

import (
	"errors"
	"os"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// scfRole gives the temporary credentials of the function's role on Tencent SCF. The
// platform renews them in the environment with a call, so they are read each time.
type scfRole struct{}

var errNoRole = errors.New("objects: the environment has no credentials of a role")

// Retrieve is credentials.Provider's.
func (scfRole) Retrieve() (credentials.Value, error) {
	v := credentials.Value{
		AccessKeyID: os.Getenv("TENCENTCLOUD_SECRETID"), SecretAccessKey: os.Getenv("TENCENTCLOUD_SECRETKEY"),
		SessionToken: os.Getenv("TENCENTCLOUD_SESSIONTOKEN"), SignerType: credentials.SignatureV4,
	}
	if v.AccessKeyID == "" || v.SecretAccessKey == "" {
		return credentials.Value{SignerType: credentials.SignatureAnonymous}, errNoRole
	}
	return v, nil
}

// RetrieveWithCredContext is credentials.Provider's.
func (r scfRole) RetrieveWithCredContext(*credentials.CredContext) (credentials.Value, error) {
	return r.Retrieve()
}

// IsExpired is credentials.Provider's.
func (scfRole) IsExpired() bool { return true }
