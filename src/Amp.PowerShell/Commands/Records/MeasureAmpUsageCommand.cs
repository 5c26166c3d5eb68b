using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.Records;

namespace Amp.PowerShell.Commands;

/// <summary>Adds up the tokens, turns, tool calls, times and costs of runs, from their messages or results.</summary>
/// <example>
///   <code>Import-AmpTranscript ./runs/ | Measure-AmpUsage Day, Outcome</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Measure, "AmpUsage")]
[OutputType(typeof(UsageTotal))]
public sealed class MeasureAmpUsageCommand : AmpCmdlet
{
    private UsageCounter? _counter;

    /// <summary>Messages of runs, or only their results: live, from <c>Import-AmpTranscript</c>, or from a job or Clixml.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <summary>What to group the runs by. By default, there is one row for all runs.</summary>
    [Parameter(Position = 0)]
    [Alias("GroupBy")]
    public UsageProperty[]? Property { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _counter = new UsageCounter(Property ?? []);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (PipedMessage.TryRead(InputObject, out StreamMessage? message, out UsageOrigin origin))
        {
            _counter!.Add(message, origin);
        }
        else
        {
            WriteError(AmpErrorRecord.Of(new AmpValidationException(
                InputObject is null ? "A piped object is null." : $"An object of type {InputObject.BaseObject.GetType()} is not a message of a run.",
                nameof(InputObject),
                "Pipe in the messages or results of Invoke-AmpAgent or Import-AmpTranscript.",
                InputObject?.BaseObject)));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (UsageTotal total in _counter!.Complete())
        {
            WriteObject(total);
        }
    }
}
