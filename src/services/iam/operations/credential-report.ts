/** GenerateCredentialReport and GetCredentialReport: one line of CSV for root and for each user. */
import type { GenerateCredentialReportResponse, GetCredentialReportResponse } from '@aws-sdk/client-iam';
import { AwsError, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { credentialReport } from '../credential-report.ts';
import type { IamPorts } from '../ports.ts';
import { accountKey, credentialReports } from '../state.ts';
import { shownTime } from '../times.ts';

/** "If a report was generated within the past four hours, … the most recent report": the API's page. */
const freshFor = 4 * 60 * 60 * 1000;

/** The report is made at once: there is nothing to wait for, but the states are AWS's. */
export const generateCredentialReport = operation<object, GenerateCredentialReportResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:GenerateCredentialReport')],
  async handle(_input, call, ports) {
    const { account } = call.scope;
    const before = await call.change.get(credentialReports, account, accountKey);
    if (before && call.now - before.at < freshFor) return { State: 'COMPLETE' };
    const content = await credentialReport(call.change, account, ports);
    call.change.put(credentialReports, account, accountKey, { at: call.now, content });
    return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
  },
});

export const getCredentialReport = operation<object, GetCredentialReportResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:GetCredentialReport')],
  async handle(_input, call) {
    const report = await call.change.get(credentialReports, call.scope.account, accountKey);
    if (!report) {
      const message = 'No report exists. Call GenerateCredentialReport first.';
      throw new AwsError('ReportNotPresent', message, { status: 410 });
    }
    if (call.now - report.at >= freshFor) {
      throw new AwsError('ReportExpired', 'The report is older than four hours. Call GenerateCredentialReport.', {
        status: 410,
      });
    }
    return {
      Content: new TextEncoder().encode(report.content),
      ReportFormat: 'text/csv',
      GeneratedTime: shownTime(report.at),
    };
  },
});
