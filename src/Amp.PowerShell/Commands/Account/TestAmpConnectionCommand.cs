using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Checks what a run requires: the CLI, the key and the service. For each check, you get an object that shows whether it passed and how to fix a problem.
/// No check writes an error or starts a login.
/// </summary>
/// <example>
///   <code>if (-not (Test-AmpConnection -Quiet)) { Test-AmpConnection | Format-List; exit 1 }</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "AmpConnection")]
[OutputType(typeof(ConnectionCheck), typeof(bool))]
public sealed class TestAmpConnectionCommand : ManagementCmdlet
{
    /// <summary>Returns only <c>$true</c> or <c>$false</c>.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        AccountClient client = OrThrow(() => new AccountClient(CliOptions));
        IAsyncEnumerator<ConnectionCheck> checks = client.TestAsync(StopToken).GetAsyncEnumerator();
        bool isRight = true;
        try
        {
            while (WaitOrThrow(_ => checks.MoveNextAsync().AsTask()))
            {
                isRight &= checks.Current.Passed;
                if (!Quiet)
                {
                    ConnectionCheck check = checks.Current;
                    WriteObject(check with
                    {
                        Detail = CommandWords.Of(check.Detail),
                        RecommendedAction = check.RecommendedAction is string advice ? CommandWords.Of(advice) : null,
                    });
                }
            }
        }
        finally
        {
            checks.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        if (Quiet)
        {
            WriteObject(isRight);
        }
    }
}
