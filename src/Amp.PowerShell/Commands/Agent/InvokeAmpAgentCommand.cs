using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Runs the Amp agent and writes its messages to the pipeline the moment the CLI has written them.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AmpAgent", SupportsShouldProcess = true, DefaultParameterSetName = "Thread")]
[OutputType(typeof(SystemMessage), typeof(UserMessage), typeof(AssistantMessage), typeof(ResultMessage), typeof(ErrorResultMessage))]
public sealed class InvokeAmpAgentCommand : AmpCmdlet
{
    private readonly ContextText _context = new();

    /// <summary>What the agent is to do. With piped objects it is the question about them.</summary>
    [Parameter(Position = 0)]
    public string? Prompt { get; set; }

    /// <summary>Prompts, each of which gets a run of its own; or, beside <c>-Prompt</c>, the objects that it is about.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>The agent mode; the CLI decides which ones there are (see <c>Get-AmpCli</c>).</summary>
    [Parameter]
    public string? Mode { get; set; }

    /// <summary>The thread to continue, by ID or URL.</summary>
    [Parameter]
    public string? ThreadId { get; set; }

    /// <summary>Continues the thread of the last run in this session, or else the one that the CLI used last.</summary>
    [Parameter]
    public SwitchParameter ContinueThread { get; set; }

    /// <summary>Lets every tool run without asking.</summary>
    [Parameter]
    public SwitchParameter DangerouslyAllowAll { get; set; }

    /// <summary>Never used: PowerShell accepts beginnings of parameter names, and this one makes every beginning of
    /// <c>-DangerouslyAllowAll</c> ambiguous, so that nobody gives it by accident.</summary>
    [Parameter(DontShow = true)]
    public SwitchParameter DangerouslyAllowAllMustBeTypedInFull { get; set; }

    /// <summary>The folder in which the agent works; by default PowerShell's current one.</summary>
    [Parameter]
    [Alias("Cwd")]
    public string? WorkingDirectory { get; set; }

    /// <summary>Variables for the CLI, on top of this session's; <c>$null</c> takes one away.</summary>
    [Parameter]
    public IDictionary? Environment { get; set; }

    /// <summary>The CLI to use instead of the one that is found.</summary>
    [Parameter]
    public string? CliPath { get; set; }

    /// <summary>How many seconds a run may take; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int TimeoutSec { get; set; }

    /// <summary>How many seconds the CLI may be silent; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int IdleTimeoutSec { get; set; }

    /// <summary>Writes only the result of each run.</summary>
    [Parameter]
    public SwitchParameter ResultOnly { get; set; }

    /// <summary>Asks for the model's thinking among the messages.</summary>
    [Parameter]
    public SwitchParameter IncludeThinking { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (DangerouslyAllowAllMustBeTypedInFull)
        {
            ThrowTerminatingError(AmpErrorRecord.Of(new AmpValidationException(
                "-DangerouslyAllowAll must be typed in full.", nameof(DangerouslyAllowAll), "Type the whole name, if you mean it.")));
        }

        // A prompt that was given and is nothing (a misspelt variable, say) must not make prompts of the objects it was about.
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Prompt)) && string.IsNullOrWhiteSpace(Prompt))
        {
            ThrowTerminatingError(AmpErrorRecord.Of(new AmpValidationException(
                "The prompt is empty.", nameof(Prompt), "Say what the agent is to do.")));
        }

        if (Prompt is null && !MyInvocation.ExpectingInput && InputObject is null)
        {
            ThrowTerminatingError(AmpErrorRecord.Of(new AmpValidationException(
                "There is no prompt.", nameof(Prompt), "Give one: Invoke-AmpAgent 'what to do'; or pipe prompts in.")));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Prompt is not null)
        {
            if (InputObject is not null)
            {
                _context.Add(InputObject);
            }

            return;
        }

        switch (InputObject?.BaseObject)
        {
            case string prompt when !string.IsNullOrWhiteSpace(prompt):
                Run(prompt);
                break;
            case null or string:
                WriteError(AmpErrorRecord.Of(new AmpValidationException(
                    "A piped prompt is empty; no run was started for it.", nameof(InputObject), "Pipe in what the agent is to do.")));
                break;
            case object other:
                WriteError(AmpErrorRecord.Of(new AmpValidationException(
                    $"An object of type {other.GetType()} is no prompt; no run was started for it.",
                    nameof(InputObject),
                    "To ask about piped objects, give the question too: ... | Invoke-AmpAgent 'question'.",
                    other)));
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Prompt is null)
        {
            return;
        }

        if (_context.Count > 0)
        {
            Run(_context.Under(Prompt));
        }
        else if (MyInvocation.ExpectingInput)
        {
            WriteWarning("Nothing was piped in, so there is nothing to ask about; no run was started.");
        }
        else
        {
            Run(Prompt);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _context.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run(string prompt)
    {
        AmpOptions options = OrThrow(ToOptions);
        AmpRunPlan preview = OrThrow(() => AmpClient.Preview(prompt, options));
        if (!ShouldProcess(
            RunDescription.Of(preview, prompt), $"Run the Amp agent in '{preview.WorkingDirectory}'?", "Invoke-AmpAgent"))
        {
            return;
        }

        using IDisposable signals = HostSignals.StopOnSignal(StopProcessing);
        AmpRunPlan plan = WaitOrThrow(token => AmpClient.PlanAsync(prompt, options, token));
        WriteVerbose($"Amp CLI {plan.Cli?.Version} ({plan.Program.Form}) at '{plan.Program.Path}'.");
        Stream(plan, prompt, options.ThreadId);
    }

    private AmpOptions ToOptions()
    {
        string? thread = ThreadId;
        bool latest = false;
        if (ContinueThread && ThreadId is null)
        {
            thread = RunspaceState.Current.LastThreadId;
            latest = thread is null;
        }

        return new AmpOptions
        {
            CliPath = CliPath is null ? null : ResolveFilePath(CliPath, nameof(CliPath)),
            WorkingDirectory = WorkingDirectory is null ? CurrentFolder() : ResolveFilePath(WorkingDirectory, nameof(WorkingDirectory)),
            Mode = Mode,
            ThreadId = thread,
            ContinueLatestThread = latest || (ContinueThread && ThreadId is not null),
            DangerouslyAllowAll = DangerouslyAllowAll,
            IncludeThinking = IncludeThinking,
            Environment = EnvironmentParameter.ToDictionary(Environment),
            Timeout = TimeSpan.FromSeconds(TimeoutSec),
            IdleTimeout = TimeSpan.FromSeconds(IdleTimeoutSec),
        };
    }

    private void Stream(AmpRunPlan plan, string prompt, string? askedThread)
    {
        string? thread = null;
        ErrorResultMessage? failed = null;
        AmpException? failure = null;
        IAsyncEnumerator<AmpEvent> events = AmpClient.StreamAsync(plan, StopToken).GetAsyncEnumerator();
        try
        {
            while (Next(events, ref failure))
            {
                AmpEvent item = events.Current;
                if (item.Message is StreamMessage message)
                {
                    failed = message as ErrorResultMessage ?? failed;
                    if (thread is null && message.SessionId is not null)
                    {
                        thread = message.SessionId;
                        ThreadIsKnown(thread, plan);
                    }

                    if (!ResultOnly)
                    {
                        WriteObject(message);
                    }
                    else if (message is ResultMessage)
                    {
                        WriteObject(AsAnswer(message));
                    }
                }
                else
                {
                    Report(item);
                }
            }
        }
        finally
        {
            // Ends the CLI and all that it started, whatever brought us here: also an exception out of WriteObject, which
            // is the only thing that tells of a pipeline that has ended early.
            events.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        // One error a run: what this side did or the process's end goes before the result's own.
        failure ??= failed is null ? null : new AmpAgentException(failed);
        if (failure is not null)
        {
            // A run that ended before it named its thread is told by the thread that was asked for, or by its CLI.
            WriteError(AmpErrorRecord.Of(failure, askedThread ?? plan.Program.Path));
        }

        WriteVerbose($"Thread {thread ?? "(none)"} ended{(failure is null ? "." : $" with {failure.ErrorId}.")}");
    }

    // Chooses the view that shows the answer too; properties and type stay as they are.
    private static PSObject AsAnswer(StreamMessage result)
    {
        PSObject answer = new(result);
        answer.TypeNames.Insert(0, "Amp.ResultMessage#Answer");
        return answer;
    }

    // Only what the SDK throws is caught, and nothing is written inside: an error of a downstream cmdlet must pass.
    private static bool Next(IAsyncEnumerator<AmpEvent> events, ref AmpException? failure)
    {
        try
        {
            return Wait(events.MoveNextAsync());
        }
        catch (AmpCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (AmpException exception)
        {
            failure = exception;
            return false;
        }
    }

    private void ThreadIsKnown(string thread, AmpRunPlan plan)
    {
        if (ContinueThread && RunspaceState.Current.LastThreadId is null)
        {
            WriteWarning(
                $"No thread was run in this session before: the CLI's last one is continued, {thread}. It may be one of another program.");
        }

        RunspaceState.Current.LastThreadId = thread;
        WriteVerbose($"Thread {thread} in '{plan.WorkingDirectory}'.");
    }

    private void Report(in AmpEvent item)
    {
        switch (item.Kind)
        {
            case AmpEventKind.OutputText:
                WriteWarning($"The Amp CLI wrote text that is no message: {item.Text}");
                break;
            case AmpEventKind.InvalidLine:
                WriteError(AmpErrorRecord.Of(item.Error!));
                break;
            case AmpEventKind.StandardError:
                WriteVerbose($"Amp CLI: {item.Text}");
                break;
            case AmpEventKind.Warning:
                WriteWarning(item.Text);
                break;
        }
    }
}
