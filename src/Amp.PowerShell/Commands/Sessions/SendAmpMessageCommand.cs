using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Jobs;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Sends a message to a session and writes the agent's messages until the turn ends.</summary>
[Cmdlet(VerbsCommunications.Send, "AmpMessage", SupportsShouldProcess = true)]
[OutputType(
    typeof(SystemMessage), typeof(UserMessage), typeof(AssistantMessage), typeof(ErrorResultMessage),
    typeof(UnknownMessage), typeof(AmpJob))]
public sealed class SendAmpMessageCommand : AmpCmdlet
{
    private readonly ContextText _context = new();
    private readonly PipedImages _pipedImages = new();
    private PSObject?[]? _given;
    private JobTurns? _job;

    /// <summary>The session from <c>New-AmpSession</c>, or its name or number.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public AmpSession Session { get; set; } = null!;

    /// <summary>
    /// The message to send: a string, or a message from <c>New-AmpUserMessage</c>. If you pipe objects in, the message is about them.
    /// </summary>
    [Parameter(Position = 1)]
    [AllowNull]
    [AllowEmptyString]
    public object? Message { get; set; }

    /// <summary>
    /// Strings and messages, each of which is a separate turn. With <c>-Message</c>, the objects that the message is about. The items of a list are used one
    /// by one.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// Images that the message is about, at most 4: paths, files, bytes, or streams of PNG, JPEG, GIF or WebP images. You can also pipe image files in.
    /// </summary>
    [Parameter]
    [ImageTransformation]
    [SupportsWildcards]
    public InputImage[]? Image { get; set; }

    /// <summary>Returns without waiting for the answer. Get it with <c>Receive-AmpMessage</c>.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Writes only the message that ends the turn. Its <c>Text</c> is the answer.</summary>
    [Parameter]
    public SwitchParameter ResultOnly { get; set; }

    /// <summary>Writes only the objects of the answer that the session's <c>-OutputSchema</c> requests, one by one.</summary>
    [Parameter]
    public SwitchParameter OutputOnly { get; set; }

    /// <summary>
    /// The number of levels of piped data that the model gets. Deeper levels are converted to text. In this case, the model is informed and you get a
    /// warning.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ContextDepth { get; set; } = ContextLimits.DefaultDepth;

    /// <summary>
    /// The maximum number of characters of piped objects that the model gets. The rest is omitted. In this case, the model is informed and you get a
    /// warning.
    /// </summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxContextLength { get; set; } = ContextLimits.DefaultLength;

    /// <summary>
    /// Sends the messages in a job and returns at once. Use <c>Receive-Job</c> to get what the agent writes, even while it works. See
    /// about_Amp_Parallel.
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The name of the job. By default, the name is created from the number of the job.</summary>
    [Parameter]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    public string? JobName { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (MyInvocation.BoundParameters.ContainsKey(nameof(InputObject)))
        {
            // The message would be sent without the data that it is about.
            _given = OrThrow(() => GivenNull.Items(InputObject, nameof(InputObject)));
        }

        RefuseJob();
        if (NoWait && ResultOnly)
        {
            Refuse("-NoWait and -ResultOnly cannot be used together.", nameof(ResultOnly), "Give one of them.");
        }

        if (OutputOnly && (NoWait || ResultOnly))
        {
            Refuse("-OutputOnly cannot be used with -NoWait or -ResultOnly.", nameof(OutputOnly), "Omit -NoWait and -ResultOnly.");
        }

        if (OutputOnly && Session.Plan.OutputSchema is null)
        {
            Refuse("-OutputOnly requires a session that was created with -OutputSchema.", nameof(OutputOnly), "Create the session with -OutputSchema.");
        }

        if (!HasMessage && !MyInvocation.ExpectingInput && InputObject is null)
        {
            Refuse("No message was given.", nameof(Message), "Give a message: Send-AmpMessage $session 'what to do'. You can also pipe messages in.");
        }

        _context.Depth = ContextDepth;
        _context.MostCharacters = MaxContextLength;
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
        if (!HasMessage)
        {
            Send(() => WithImages(ToMessage(input)));
        }
        else if (input is not null && !_pipedImages.TryAdd(input))
        {
            _pipedImages.GiveBack(_context);
            _context.Add(input);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (HasMessage && _pipedImages.Count > 0)
        {
            Image = OrThrow(() => _pipedImages.Read(Image));
            Send(() => WithImages(ToMessage(Message)));
        }
        else if (HasMessage && _context.Count == 0 && MyInvocation.ExpectingInput)
        {
            WriteWarning("Nothing was piped in; no message was sent.");
        }
        else if (HasMessage)
        {
            Send(() => _context.Count == 0
                ? WithImages(ToMessage(Message))
                : WithImages(ToMessage(Message)).WithText(_context.Under(ToMessage(Message).Text, WriteWarning)));
        }

        if (_job?.ToJob(CommandLine, JobName) is AmpJob job)
        {
            AgentJobSource.Add(this, job);
            job.StartJob();
            WriteObject(job);
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

    // If an empty message is given, for example by a misspelled variable, the piped objects must not become messages.
    private bool HasMessage => MyInvocation.BoundParameters.ContainsKey(nameof(Message));

    private void RefuseJob()
    {
        if (JobName is not null && !AsJob)
        {
            Refuse("-JobName requires -AsJob.", nameof(JobName), "Add -AsJob, or omit -JobName.");
        }

        if (AsJob && NoWait)
        {
            Refuse("-AsJob and -NoWait cannot be used together.", nameof(AsJob), "Give one of them.");
        }

        if (AsJob && PipelineCalls.Of(Session).RequiredBy is string parameter)
        {
            Refuse(
                $"-{parameter} of {Session} requires your PowerShell session while the agent works, but a job runs without it.",
                nameof(AsJob),
                "Omit -AsJob, or use -NoWait and Receive-AmpMessage.");
        }
    }

    private void Send(Func<UserInputMessage> make)
    {
        if (!TryWork(make, out UserInputMessage? message)
            || !ShouldProcess(Session.ToString(), $"Send a message of {RunDescription.OfPrompt(message!.Text, message.Images)}"))
        {
            return;
        }

        if (AsJob)
        {
            (_job ??= new JobTurns(Session) { ResultOnly = ResultOnly, OutputOnly = OutputOnly }).Add(message);
            return;
        }

        if (NoWait)
        {
            TryWork(
                () =>
                {
                    // Who reads a run in this runspace may wait for the turn there, and the turn must then not wait for that run. If the turn can end only
                    // there, nothing that is started there may wait for the turn either.
                    using IDisposable? beside = !RunspaceState.Current.IsReading ? null
                        : PipelineCalls.Of(Session).RequiredBy is null ? AmpThrottle.EnterBesideReader()
                        : AmpThrottle.EnterCallback();
                    Session.Post(message);
                    return true;
                },
                out _);
            return;
        }

        if (Session.ThreadId is string thread && Session.ProcessId is null)
        {
            WriteVerbose($"{Session} continues thread {thread} with a new process of the CLI.");
        }

        using RunWriter writer = new(this, Session.Plan, Session.StreamAsync(message, StopToken), PipelineCalls.Of(Session), StopToken)
        {
            AskedThread = Session.ThreadId,
            Subject = "The turn of thread",
            ResultOnly = ResultOnly,
            OutputOnly = OutputOnly,
            EndsTurnOfSession = true,
        };
        writer.WriteRest();
    }

    // The first message has the images; the thread shows them to the agent in later turns too.
    private UserInputMessage WithImages(UserInputMessage message)
    {
        InputImage[] images = Image ?? [];
        Image = null;
        return images.Length > 0 ? new UserInputMessage(message.Text, message.Images.Concat(images)) : message;
    }

    private static UserInputMessage ToMessage(object? message) => PlainValue.Unwrap(message) switch
    {
        UserInputMessage given => given,
        string text => new UserInputMessage(text),
        null => new UserInputMessage(string.Empty),
        object other => throw new AmpValidationException(
            $"An object of type {other.GetType()} cannot be sent as a message; nothing was sent for it.",
            nameof(Message),
            "Give a string, or a message from New-AmpUserMessage. To ask about piped objects, give the question too: ... | Send-AmpMessage $session 'question'.",
            other),
    };
}
