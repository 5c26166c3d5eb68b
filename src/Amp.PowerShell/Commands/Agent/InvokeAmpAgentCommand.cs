using System.Management.Automation;
using Amp.Cli;
using Amp.PowerShell.Callbacks;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Runs the Amp agent and writes its messages to the pipeline as they arrive.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AmpAgent", SupportsShouldProcess = true)]
[OutputType(
    typeof(SystemMessage), typeof(UserMessage), typeof(AssistantMessage), typeof(ResultMessage), typeof(ErrorResultMessage),
    typeof(UnknownMessage), typeof(AmpJob))]
public sealed partial class InvokeAmpAgentCommand : HostRunCmdlet
{
    private readonly ContextText _context = new();
    private readonly PipedImages _pipedImages = new();
    private PSObject?[]? _given;
    private string? _thread;
    private bool _hasThread;
    private MessageFeed? _feed;
    private RunWriter? _conversation;
    private IDisposable? _signals;
    private bool _isConversationRefused;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();

        // If an empty prompt is given, for example by a misspelled variable, the piped objects must not become prompts.
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Prompt)) && string.IsNullOrWhiteSpace(Prompt))
        {
            Refuse("The prompt is empty.", nameof(Prompt), "Describe the task for the agent.");
        }

        if (MyInvocation.BoundParameters.ContainsKey(nameof(InputObject)))
        {
            // The run would start without the data that the prompt is about.
            _given = OrThrow(() => GivenNull.Items(InputObject, nameof(InputObject)));
        }

        if (OutputOnly && OutputSchema is null)
        {
            Refuse("-OutputOnly requires an output schema.", nameof(OutputOnly), "Add -OutputSchema.");
        }

        if (OutputOnly && ResultOnly)
        {
            Refuse("-OutputOnly and -ResultOnly cannot be used together.", nameof(OutputOnly), "Give one of them.");
        }

        if (Prompt is not null && Message is not null)
        {
            Refuse("A prompt and piped messages cannot be used together.", nameof(Message), "Make the prompt the first message.");
        }

        if (Prompt is null && Message is null && !MyInvocation.ExpectingInput && InputObject is null)
        {
            Refuse("No prompt was given.", nameof(Prompt), "Give a prompt: Invoke-AmpAgent 'what to do'. You can also pipe prompts in.");
        }

        ReadHosts();
        RefuseThrottleLimit();
        RefuseJobName();
        _context.Depth = ContextDepth;
        _context.MostCharacters = MaxContextLength;
        foreach (UserInputMessage message in Message ?? [])
        {
            Converse(message);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject? input in _given ?? [InputObject])
        {
            Process(input);
        }
    }

    private void Process(PSObject? input)
    {
        if (Prompt is not null)
        {
            if (!AsContext && ThreadIdTransformationAttribute.IsThreadOrMessage(input, out string? thread))
            {
                GoOnWith(thread);
            }
            else if (input is not null)
            {
                RefuseMixture(_hasThread);
                if (AsContext || !_pipedImages.TryAdd(input))
                {
                    _pipedImages.GiveBack(_context);
                    _context.Add(input);
                }
            }

            return;
        }

        _pipedCount++;
        if (HostName is null && input?.BaseObject is null or string or UserInputMessage)
        {
            OrThrow(CheckWithoutHost);
        }

        switch (input?.BaseObject)
        {
            case UserInputMessage message:
                RefuseConversation();
                Converse(message);
                break;
            case null when Message is not null && !MyInvocation.ExpectingInput:
                break;
            case string prompt when ThrottleLimit > 1 || AsJob || IsOnManyHosts:
                RunBeside(prompt);
                break;
            case string prompt when !string.IsNullOrWhiteSpace(prompt):
                RefuseRunAmongTurns();
                _hasRun = true;
                Run(prompt);
                break;
            case null or string:
                WriteError(AmpErrorRecord.Of(EmptyPrompt()));
                break;
            case object when TaskRow.Of(input) is TaskRow row:
                RunBeside(row);
                break;
            case object other:
                WriteError(AmpErrorRecord.Of(new AmpValidationException(
                    $"An object of type {other.GetType()} cannot be used as a prompt; no run was started for it.",
                    nameof(InputObject),
                    "To ask about piped objects, give the question too: ... | Invoke-AmpAgent 'question'.",
                    other)));
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        EndRuns();
        if (AsJob)
        {
            WriteJob();
        }
    }

    private void EndRuns()
    {
        if (_fleet is not null)
        {
            _fleet.WriteRest();
        }
        else if (_conversation is not null)
        {
            _feed!.Complete();
            _conversation.WriteRest();
        }
        else if (Prompt is null)
        {
            return;
        }
        else if (_hasThread)
        {
            if (_thread is null)
            {
                Refuse("None of the piped messages has a thread ID.", nameof(InputObject), "Use -ThreadId to name the thread, or -AsContext to ask about the messages.");
            }

            Run(Prompt, _thread);
        }
        else if (_pipedImages.Count > 0)
        {
            Image = OrThrow(() => _pipedImages.Read(Image));
            Run(Prompt);
        }
        else if (_context.Count > 0)
        {
            Run(_context.Under(Prompt, WriteWarning));
        }
        else if (MyInvocation.ExpectingInput)
        {
            WriteWarning("Nothing was piped in; no run was started.");
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
            _conversation?.Dispose();
            _fleet?.Dispose();
            _signals?.Dispose();
        }

        base.Dispose(disposing);
    }

    // A piped thread, or the thread of a run's messages, is continued. Several threads would each get a run, which is more than most users
    // expect when they pipe a list.
    private void GoOnWith(string? thread)
    {
        if (ThreadId is not null || ContinueThread)
        {
            Refuse(
                "A thread was piped in, but a parameter specifies another thread.",
                nameof(InputObject),
                "Omit -ThreadId and -ContinueThread, or use -AsContext to ask about the piped objects.");
        }

        if (IsOnManyHosts)
        {
            Refuse(OneThread, nameof(HostName), "Give one host, or use -AsContext to ask about the piped objects.");
        }

        RefuseMixture(_context.Count > 0 || _pipedImages.Count > 0);
        _hasThread = true;
        if (_thread is not null && thread is not null && _thread != thread)
        {
            Refuse(
                "More than one thread was piped in; no run was started.",
                nameof(InputObject),
                "To continue a thread, pipe in one thread or the messages of one run. To continue each of several threads: ... | ForEach-Object { Invoke-AmpAgent 'prompt' -ThreadId $_ }. "
                    + "To ask about them: ... | Invoke-AmpAgent 'question' -AsContext.");
        }

        _thread ??= thread;
    }

    private void RefuseMixture(bool isMixture)
    {
        if (isMixture)
        {
            Refuse(
                "A thread and other objects were piped in; no run was started.",
                nameof(InputObject),
                "Use -ThreadId for the thread and pipe in only the objects to ask about, or use -AsContext to ask about all of them.");
        }
    }

    private void Run(string prompt, string? thread = null)
    {
        if (IsOnManyHosts)
        {
            RunOnHosts(prompt);
            _fleet?.WriteRest();
            return;
        }

        PipelineCalls calls = new() { IsOfJob = AsJob };
        AmpOptions options = OrThrow(() => ToRunOptions(calls));
        if (thread is not null)
        {
            options = options with { ThreadId = thread };
        }

        RunPlan preview = OrThrow(() => AmpClient.Preview(prompt, options));
        if (!ShouldStart(preview, RunDescription.OfPrompt(prompt, Image)))
        {
            return;
        }

        if (AsJob)
        {
            Job().Add(new FleetTask { Number = 1, Prompt = prompt, IsMarked = false, Options = options }, preview);
            return;
        }

        using IDisposable signals = HostSignals.StopOnSignal(StopProcessing);
        RunPlan plan = WaitOrThrow(token => AmpClient.PlanAsync(preview, token));
        using RunWriter writer = CreateWriter(plan, options, calls);
        writer.WriteRest();
    }

    // The first message starts the run. The agent's answers go down the pipeline while more messages arrive.
    private void Converse(UserInputMessage message)
    {
        (_messages ??= []).Add(message);
        if (_isConversationRefused || AsJob)
        {
            return;
        }

        if (_conversation is null)
        {
            PipelineCalls calls = new();
            AmpOptions options = OrThrow(() => ToRunOptions(calls));
            _feed = new MessageFeed();
            RunPlan preview = OrThrow(() => AmpClient.Preview(_feed.Messages, options));
            if (!ShouldStart(preview, "messages, one per turn, by standard input"))
            {
                _isConversationRefused = true;
                return;
            }

            _signals = HostSignals.StopOnSignal(StopProcessing);
            RunPlan plan = WaitOrThrow(token => AmpClient.PlanAsync(preview, token));

            // The run would refuse them too, after it has started.
            OrThrow(() => CliChoice.CheckImages(message, plan.Cli));
            _conversation = CreateWriter(plan, options, calls);
        }

        _feed!.Add(message);
        if (MyInvocation.ExpectingInput)
        {
            // The source of the messages may want to read an answer before it creates the next message, and only an active cmdlet can
            // write. The next message would wait until then anyway.
            _conversation.WriteTurns(_messages.Count);
        }
    }

    private AmpOptions ToRunOptions(PipelineCalls calls)
    {
        if (Verify is not null)
        {
            calls.Require(nameof(Verify));
        }

        return At(_hosts?[0], ToOptions(calls)) with
        {
            Images = Image,
            Verify = Verify is null ? null : new ScriptVerification(Verify, calls).VerifyAsync,
            VerifyLimit = VerifyLimit,
            VerifyPaths = VerifyPath is null ? null : [.. VerifyPath.Select(path => ResolveFilePath(path, nameof(VerifyPath)))],
            VerifyTimeout = SecondsAttribute.ToTimeSpan(VerifyTimeoutSec),
            RetryLimit = RetryLimit,
            RetryAfterChange = RetryAfterChange,
        };
    }

    private bool ShouldStart(RunPlan preview, string input) => ShouldStart(
        RunDescription.Of(preview, input), $"Run the Amp agent in '{preview.WorkingDirectory}'?", "Invoke-AmpAgent");

    private RunWriter CreateWriter(RunPlan plan, AmpOptions options, PipelineCalls calls) => new(this, plan, calls, StopToken)
    {
        ResultOnly = ResultOnly,
        OutputOnly = OutputOnly,
        ContinuesLatest = options.ContinueLatestThread,
        AskedThread = options.ThreadId,
        Options = options,
    };
}
