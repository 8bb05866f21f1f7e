package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

// secretsManager asks Tencent Cloud's Secrets Manager (ssm, version 2019-09-23), by its
// action GetSecretValue, with the temporary credentials of the function's role, which SCF
// puts into the environment.
func secretsManager(ctx context.Context, o Options, names []string) (values map[string]string, err error) {
	id, key, token := os.Getenv("TENCENTCLOUD_SECRETID"), os.Getenv("TENCENTCLOUD_SECRETKEY"), os.Getenv("TENCENTCLOUD_SESSIONTOKEN")
	if id == "" || key == "" {
		return nil, errors.New("there are no credentials: TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY are those of the function's role; does it have one?")
	}
	p := profile.NewClientProfile()
	p.HttpProfile.ReqTimeout = int(within.Seconds())
	if o.Tencent != "" {
		u, err := url.Parse(o.Tencent)
		if err != nil {
			return nil, err
		}
		p.HttpProfile.Scheme, p.HttpProfile.Endpoint = u.Scheme, u.Host
	}
	region := o.Region
	if !strings.HasPrefix(region, "ap-") {
		region = "ap-beijing" // for a function at AWS
	}
	client := common.NewCommonClient(common.NewTokenCredential(id, key, token), region, p)
	values = map[string]string{}
	for _, name := range names {
		value, err := secret(ctx, client, name)
		if err != nil {
			return values, fmt.Errorf("%s: %w", name, err)
		}
		values[name] = value
	}
	return values, nil
}

func secret(ctx context.Context, client *common.Client, reference string) (string, error) {
	name, version, found := strings.Cut(reference, "/")
	if !found {
		return "", errors.New("a reference names a version, too: NAME/VERSION")
	}
	r := tchttp.NewCommonRequest("ssm", "2019-09-23", "GetSecretValue")
	r.SetContext(ctx)
	if err := r.SetActionParameters(map[string]any{"SecretName": name, "VersionId": version}); err != nil {
		return "", err
	}
	answer := tchttp.NewCommonResponse()
	if err := client.Send(r, answer); err != nil {
		if fault := (*sdkerrors.TencentCloudSDKError)(nil); errors.As(err, &fault) {
			return "", errors.New("it answers " + fault.Code) // its text may quote what was sent
		}
		return "", err
	}
	var v struct{ Response struct{ SecretString string } }
	if err := json.Unmarshal(answer.GetBody(), &v); err != nil {
		return "", errors.New("its answer does not read as one")
	}
	return v.Response.SecretString, nil
}
