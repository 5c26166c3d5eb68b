using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Answers runs of the agent with records and mocks, to test scripts: in a script block, or until <c>Stop-AmpReplay</c>.</summary>
/// <example>
///   <code>Use-AmpReplay -Path run.ndjson { ./my-script.ps1 }</code>
/// </example>
[Cmdlet(VerbsOther.Use, "AmpReplay", DefaultParameterSetName = MockSet)]
[OutputType(typeof(AmpReplay))]
public sealed class UseAmpReplayCommand : AmpCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string MockSet = "Mock";
    private const string ReplaySet = "Replay";

    // The command of this script writes to the pipeline of this cmdlet, as it works.
    private const string Caller = "param($__ampScript, $__ampReplay, $__ampWrite, $__ampBlock) & $__ampScript $__ampReplay | & $__ampWrite -Block $__ampBlock";

    /// <summary>The records: transcripts, or files with the output of <c>amp --stream-json</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Like <c>-Path</c>, but without wildcards: every character is used literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    /// <summary>
    /// Mocks from <c>New-AmpMock</c>. The first mock that matches a prompt answers it. If you also give records, the mocks answer only what no record answers.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = MockSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public AmpMock[]? Mock { get; set; }

    /// <summary>A replay from an earlier call, for example to use it in another runspace.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ReplaySet)]
    public AmpReplay? Replay { get; set; }

    /// <summary>
    /// The script whose runs are answered. It gets the replay as its argument. Without a script, runs are answered until <c>Stop-AmpReplay</c>, and the
    /// cmdlet writes the replay.
    /// </summary>
    [Parameter(Position = 1, ParameterSetName = PathSet)]
    [Parameter(Position = 0, ParameterSetName = LiteralPathSet)]
    [Parameter(Position = 0, ParameterSetName = MockSet)]
    [Parameter(Position = 0, ParameterSetName = ReplaySet)]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Lets a record answer a run with another prompt or other options, in the order of the records.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter AllowDifference { get; set; }

    /// <summary>Plays records with the timing of the recorded run. By default, they are played without delays.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter KeepTiming { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        AmpReplay replay = Replay ?? WaitOrThrow(CreateAsync);
        ReplayStack replays = RunspaceState.Current.Replays;
        ReplayFrame frame = replays.Begin(replay, isBlock: ScriptBlock is not null);
        if (ScriptBlock is null)
        {
            WriteObject(replay);
            return;
        }

        try
        {
            Call(ScriptBlock, replay, frame);
        }
        finally
        {
            replays.End(frame);
        }

        if (Replay is null)
        {
            UnusedAnswers.Report(this, replay);
        }
    }

    private async Task<AmpReplay> CreateAsync(CancellationToken cancellationToken)
    {
        string[] files = [.. (Path ?? LiteralPath ?? []).SelectMany(Files)];
        AmpReplay replay = await AmpReplay.FromFilesAsync(files, Mock, cancellationToken).ConfigureAwait(false);
        replay.AllowDifference = AllowDifference;
        replay.KeepTiming = KeepTiming;
        return replay;
    }

    private IEnumerable<string> Files(string given)
    {
        if (Path is null || !WildcardPattern.ContainsWildcardCharacters(given))
        {
            // Tab completion escapes the brackets of a name.
            return [Path is null ? ResolveFilePath(given, nameof(LiteralPath)) : ResolveFilePath(WildcardPattern.Unescape(given), nameof(Path))];
        }

        string[] found = [.. SessionState.Path.GetResolvedProviderPathFromPSPath(given, out ProviderInfo provider).Order(StringComparer.Ordinal)];
        return provider.Name == "FileSystem" && found.Length > 0 ? found : throw new AmpValidationException(
            $"-{nameof(Path)} '{given}' matches no file.", nameof(Path), "Give the path of a transcript.", given);
    }

    private void Call(ScriptBlock script, AmpReplay replay, ReplayFrame frame)
    {
        using SteppablePipeline pipeline = ScriptBlock.Create(Caller).GetSteppablePipeline(MyInvocation.CommandOrigin, [script, replay, BlockOutput.Command, frame]);
        pipeline.Begin(this);
        pipeline.Process();
        pipeline.End();
    }
}
