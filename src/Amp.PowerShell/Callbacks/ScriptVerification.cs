using System.Management.Automation;
using System.Text;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Callbacks;

/// <summary>
/// Lets a script of the caller verify the agent's work, on the pipeline thread. The verification fails if the script throws, writes an
/// error, returns <c>$false</c> or a Pester run with a failed test, or runs a program that exits with a code other than 0.
/// </summary>
internal sealed class ScriptVerification
{
    private const string ExitCode = "global:LASTEXITCODE";

    private readonly ScriptBlock _script;
    private readonly PipelineCalls _calls;

    public ScriptVerification(ScriptBlock script, PipelineCalls calls)
    {
        _script = script;
        _calls = calls;
    }

    public Task<AmpVerification> VerifyAsync(VerificationRequest request, CancellationToken cancellationToken) =>
        _calls.InvokeAsync(cmdlet => Verify(cmdlet, request, cancellationToken), cancellationToken);

    private AmpVerification Verify(AmpCmdlet cmdlet, VerificationRequest request, CancellationToken cancellationToken)
    {
        PSVariableIntrinsics variables = cmdlet.SessionState.PSVariable;
        object? before = variables.GetValue(ExitCode);
        variables.Set(ExitCode, 0);
        List<string> told = [];
        try
        {
            bool hasError = false;
            List<PSObject?> output = FormattedOutput.WithTexts(CallerScript.Invoke(
                cmdlet,
                _script,
                request,
                "The verification script",
                cancellationToken,
                record =>
                {
                    // A program can write to standard error and still succeed.
                    hasError |= record is ErrorRecord error && !error.FullyQualifiedErrorId.StartsWith("NativeCommandError", StringComparison.Ordinal);
                    told.Add(record.ToString() ?? string.Empty);
                }));
            told.AddRange(output.Where(item => item?.BaseObject is not bool).Select(item => item?.ToString() ?? string.Empty));
            if (output.Find(item => item?.BaseObject is false) is not null)
            {
                return Failed("The verification returned $false.");
            }

            if (output.Select(FailedTests).FirstOrDefault(tests => tests is not null) is string tests)
            {
                return Failed(tests);
            }

            int exitCode = LanguagePrimitives.TryConvertTo(variables.GetValue(ExitCode), out int code) ? code : 0;
            return exitCode != 0 ? Failed($"A program in the verification exited with code {exitCode}.")
                : hasError ? Failed("The verification wrote an error.")
                : new AmpVerification(true, Text(null));
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException && !cancellationToken.IsCancellationRequested)
        {
            return Failed(exception.ErrorRecord?.ToString() ?? exception.Message);
        }
        finally
        {
            if (LanguagePrimitives.TryConvertTo(variables.GetValue(ExitCode), out int left) && left == 0)
            {
                variables.Set(ExitCode, before);
            }
        }

        AmpVerification Failed(string reason) => new(false, Text(reason));

        string? Text(string? reason)
        {
            StringBuilder text = new();
            foreach (string line in told.Append(reason ?? string.Empty).Where(line => !string.IsNullOrWhiteSpace(line)))
            {
                text.AppendLine(line.TrimEnd());
            }

            return text.Length == 0 ? null : text.ToString().TrimEnd();
        }
    }

    // Pester's run object (5 and 6): its counts, and the failed tests with their messages.
    private static string? FailedTests(PSObject? item)
    {
        if (item is null || !LanguagePrimitives.TryConvertTo(item.Properties["FailedCount"]?.Value, out int failed) || item.Properties["Result"]?.Value is not object result
            || (failed == 0 && !string.Equals(result.ToString(), "Failed", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        StringBuilder text = new($"{failed} {(failed == 1 ? "test" : "tests")} failed.");
        foreach (object? test in LanguagePrimitives.GetEnumerable(item.Properties["Failed"]?.Value) ?? Array.Empty<object>())
        {
            PSObject one = PSObject.AsPSObject(test);
            text.Append($"\n{one.Properties["ExpandedPath"]?.Value ?? one}");
            foreach (object? error in LanguagePrimitives.GetEnumerable(one.Properties["ErrorRecord"]?.Value) ?? Array.Empty<object>())
            {
                text.Append($"\n  {error}");
            }
        }

        return text.ToString();
    }
}
