'use strict'

// The role of each function, for serverless.yml: it writes its own log, works in the
// network, reads the secrets that its variables name, and touches the objects that its work
// is about. Nothing else.

const functions = require('../functions.json') // each has its secrets, beside the database's and the two common keys

const objects = { // what it touches in the bucket
  export: [
    { Action: ['s3:GetObject'], Resource: [{ 'Fn::Sub': 'arn:aws-cn:s3:::${Bucket}/exports/*' }] },
    // For /readyz it lists a folder that is always empty, and sees no object's name.
    { Action: ['s3:ListBucket'], Resource: [{ 'Fn::Sub': 'arn:aws-cn:s3:::${Bucket}' }], Condition: { StringEquals: { 's3:prefix': 'ready/' } } },
  ],
  maintain: [
    { Action: ['s3:GetObject', 's3:PutObject'], Resource: [{ 'Fn::Sub': 'arn:aws-cn:s3:::${Bucket}/checkpoints/*' }] },
    { Action: ['s3:PutObject'], Resource: [{ 'Fn::Sub': 'arn:aws-cn:s3:::${Bucket}/timestamps/*' }] },
    { Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], Resource: [{ 'Fn::Sub': 'arn:aws-cn:s3:::${Bucket}/exports/*' }] },
    { Action: ['s3:ListBucket'], Resource: [{ 'Fn::Sub': 'arn:aws-cn:s3:::${Bucket}' }] },
  ],
}

const writes = ['maintain'] // to the bucket

const allow = statement => ({ Effect: 'Allow', ...statement })

function role (name, stage) {
  const parameter = secret => ({ 'Fn::Sub': `arn:aws-cn:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/nod/${stage}/${secret}` })
  const log = `arn:aws-cn:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/nod-${stage}-${name}:*`
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [allow({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' })],
      },
      Policies: [{
        PolicyName: 'own',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: [{ 'Fn::Sub': log }] },
            // Lambda makes the function's network interfaces with its role; these actions
            // take no narrower resource.
            { Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'], Resource: ['*'] },
            { Action: ['ssm:GetParameters'], Resource: ['db', 'data-key', 'index-key', ...functions[name].secrets].map(parameter) },
            // For what is written the bucket asks for a key beneath this one, in the writer's name.
            { Action: writes.includes(name) ? ['kms:Decrypt', 'kms:GenerateDataKey'] : ['kms:Decrypt'], Resource: [{ Ref: 'KeyArn' }] },
            ...(objects[name] || []),
          ].map(allow),
        },
      }],
    },
  }
}

// osls resolves ${file(infra/aws/role.js):NAME} by the export of that name.
for (const name of Object.keys(functions)) {
  module.exports[name] = async ({ resolveVariable }) => role(name, await resolveVariable('self:provider.stage'))
}
