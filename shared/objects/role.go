package objects

import (
	"errors"
	"os"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// functionRole has the temporary credentials of a function's role from where SCF puts them:
// into the environment, anew with each call. They are over when the environment has others.
type functionRole struct{ last credentials.Value }

func fromSCF() credentials.Value {
	return credentials.Value{
		AccessKeyID: os.Getenv("TENCENTCLOUD_SECRETID"), SecretAccessKey: os.Getenv("TENCENTCLOUD_SECRETKEY"),
		SessionToken: os.Getenv("TENCENTCLOUD_SESSIONTOKEN"), SignerType: credentials.SignatureV4,
	}
}

// RetrieveWithCredContext is the library's, which asks one at a time.
func (r *functionRole) RetrieveWithCredContext(*credentials.CredContext) (credentials.Value, error) {
	v := fromSCF()
	if v.AccessKeyID == "" || v.SecretAccessKey == "" {
		return credentials.Value{}, errors.New("objects: no credentials of a role of SCF")
	}
	r.last = v
	return v, nil
}

// Retrieve is the library's, too.
func (r *functionRole) Retrieve() (credentials.Value, error) { return r.RetrieveWithCredContext(nil) }

// IsExpired is asked before each use.
func (r *functionRole) IsExpired() bool { return r.last != fromSCF() }
