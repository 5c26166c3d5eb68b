using System.Globalization;
using System.Text;
using Amp.Records;
using Amp.Text;

namespace Amp.Reports;

/// <summary>Writes the conversation of one run to the spool while its messages come, and keeps of it what the summary needs.</summary>
internal sealed class RunConversation
{
    private const int LongestSubject = 160;
    private const int MostLinkedCalls = 100_000;

    // A denial names the command or file of its call. Calls that get no result must not fill the memory.
    private const int MostKeptCalls = 1000;
    private const int LongestKeptCall = 64 * 1024;

    private readonly ReportLayout _layout;
    private readonly ReportSpool _spool;
    private readonly ReportText _text;
    private readonly bool _isFull;
    private readonly StringBuilder _made = new();
    private readonly Dictionary<string, OpenCall> _calls = new(StringComparer.Ordinal);
    private int _messages;
    private long _before;
    private string? _lastPrompt;
    private string? _lastAnswer;

    public RunConversation(ReportedRun run, ReportLayout layout, ReportSpool spool, ReportText text)
    {
        Run = run;
        _layout = layout;
        _spool = spool;
        _text = text;
        _isFull = run.HasCalls;
    }

    public ReportedRun Run { get; }

    /// <summary>Adds a message.</summary>
    public void Add(StreamMessage message, UsageOrigin origin)
    {
        Know(message.RunRedactor ?? (message as ResultMessage)?.Redactor);
        _text.OfRun = Run.Secrets;
        Run.Count(message, origin);
        if (_messages == 0 && Run.Prompt is string prompt && message is not (SystemMessage or UserMessage { ParentToolUseId: null, ToolResult.Count: 0 }))
        {
            AddPrompt(prompt);
        }

        // Only now: the prompt is not in the line of the message.
        _text.Follow(message);
        switch (message)
        {
            case AssistantMessage said:
                Add(said);
                break;
            case UserMessage told:
                Add(told);
                break;
            case ResultMessage result:
                Add(result, origin);
                break;
            case UnknownMessage unknown:
                AddNote($"Message of type {unknown.Type}", unknown.RawJson, isBad: false);
                break;
        }

        if (message.ParentToolUseId is null && message.TimeTicks > 0)
        {
            _before = message.TimeTicks;
        }

        _text.OfRun = null;
        _text.Follow(null);
    }

    /// <summary>Adds what a transcript has in addition to messages.</summary>
    public void Add(TranscriptEntry entry)
    {
        _text.OfRun = Run.Secrets;
        switch (entry.Kind)
        {
            case TranscriptEntryKind.Input:
                AddPrompt(entry.Text!);
                break;
            case TranscriptEntryKind.OutputText:
                AddNote("Text on standard output", entry.Text!, isBad: false);
                break;
            case TranscriptEntryKind.InvalidLine:
                Run.Warnings++;
                AddNote("Line that cannot be read", entry.Error!.Message, isBad: true);
                break;
            case TranscriptEntryKind.Warning:
                Run.Warnings++;
                AddNote("Warning", entry.Text!, isBad: true);
                break;
            case TranscriptEntryKind.Retry:
                AddNote("Retry", entry.Retry!.ToString(), isBad: true);
                break;
            case TranscriptEntryKind.Approval:
                AddNote("Decision", entry.Approval!.ToString(), isBad: false);
                break;
            case TranscriptEntryKind.Ended:
                Run.End = entry.End;
                break;
            case TranscriptEntryKind.Interrupted:
                Run.End ??= TranscriptEnd.Interrupted;
                break;
        }
    }

    /// <summary>Ends the conversation: calls without a result say so.</summary>
    public void Complete()
    {
        _text.OfRun = Run.Secrets;
        if (_messages == 0 && Run.Prompt is string prompt)
        {
            AddPrompt(prompt);
        }

        foreach (OpenCall call in _calls.Values)
        {
            PutHead(call, 0, "no result");
        }

        _calls.Clear();
        Run.Complete();
    }

    private void Add(AssistantMessage said)
    {
        ReportPart part = PartOf(said);
        bool isSubagent = said.ParentToolUseId is not null;
        string? tokens = said.Usage is TokenUsage usage && usage.ToStep() is { Total: > 0 } step
            ? string.Create(CultureInfo.InvariantCulture, $"{step.Total:N0} tokens")
            : null;
        bool isPlaced = false;
        foreach (ContentBlock block in said.Content)
        {
            switch (block)
            {
                case TextContent { Text: string text } when !string.IsNullOrWhiteSpace(text) && (_isFull || !isSubagent):
                    _lastAnswer = isSubagent ? _lastAnswer : text;
                    _layout.Answer(_made, text, NextPlace(said, isSubagent, isPlaced ? null : tokens));
                    isPlaced = true;
                    Put(part);
                    break;
                case ThinkingContent { Thinking: string thinking } when _isFull && !string.IsNullOrWhiteSpace(thinking):
                    _layout.Thinking(_made, thinking);
                    Put(part);
                    break;
                case ToolUseContent call:
                    Open(call, part, said);
                    break;
                case UnknownContent when _isFull:
                    _layout.Note(_made, "Content", block.Type, isBad: false);
                    Put(part);
                    break;
            }
        }

        if (!isSubagent && _before > 0)
        {
            Run.Timeline.Add(null, _before, said.TimeTicks, _messages, isFailed: false);
        }
    }

    private void Add(UserMessage told)
    {
        ReportPart part = PartOf(told);
        foreach (ContentBlock block in told.Content)
        {
            if (block is ToolResultContent result)
            {
                Close(result, told, part);
            }
            else if (block is TextContent { Text: string text } && !string.IsNullOrWhiteSpace(text) && text != _lastPrompt && (_isFull || told.ParentToolUseId is null))
            {
                if (told.ParentToolUseId is null)
                {
                    _lastPrompt = text;
                    Run.Prompt ??= text;
                }

                _layout.Prompt(_made, text, NextPlace(told, told.ParentToolUseId is not null, null));
                Put(part);
            }
        }
    }

    private void Add(ResultMessage result, UsageOrigin origin)
    {
        // The CLI repeats the last answer in its result. A result alone has it only there.
        if (result.Result is string text && !string.IsNullOrWhiteSpace(text) && text != _lastAnswer)
        {
            _layout.Answer(_made, text, NextPlace(result, isSubagent: false, null));
            Put(Run.Body);
        }

        if (result.IsError)
        {
            _layout.Note(_made, $"The run ended: {origin.Outcome ?? result.Outcome}", result.Error ?? string.Empty, isBad: true);
            Put(Run.Body);
        }

        _lastAnswer = null;
    }

    private void AddPrompt(string text)
    {
        _lastPrompt = text;
        Run.Prompt ??= text;
        _layout.Prompt(_made, text, new ReportLayout.Place(Run.Number, ++_messages, null, false, null));
        Put(Run.Body);
    }

    private void AddNote(string kind, string text, bool isBad)
    {
        if (_isFull)
        {
            _layout.Note(_made, kind, text, isBad);
            Put(Run.Body);
        }
    }

    private void Open(ToolUseContent call, ReportPart part, AssistantMessage said)
    {
        Run.Calls++;
        string subject = _isFull ? _text.CleanLine(SubjectOf(call), LongestSubject) : string.Empty;
        if (call.Kind == ToolKind.Write)
        {
            Run.NoteFiles(call.Files);
        }

        // Both are written with the message that ends the call.
        OpenCall open = new(Run.Calls, _text.CleanLine(call.Name ?? string.Empty, 80), call.Kind, subject, said.TimeTicks)
        {
            Call = _calls.Count < MostKeptCalls && said.Line.Length <= LongestKeptCall ? call : null,
        };
        if (_isFull)
        {
            ReportPart own = part.AddPart();
            open.Head = own.AddPart();
            _layout.CallInput(_made, call);
            Put(own);
            open.Inside = own.AddPart();
            open.Subagent = part.IsDeepest ? part : open.Inside;
            _layout.CallEnd(_made);
            Put(own);
        }

        if (call.Id is not string id)
        {
            PutHead(open, 0, "no ID");
            return;
        }

        if (_calls.Remove(id, out OpenCall? earlier))
        {
            PutHead(earlier, 0, "no result");
        }

        _calls.Add(id, open);
        if (_isFull && Run.CallNumbers.Count < MostLinkedCalls)
        {
            Run.CallNumbers[id] = open.Number;
        }
    }

    private void Close(ToolResultContent result, UserMessage told, ReportPart part)
    {
        OpenCall? call = null;
        bool isDenied = told.Denied?.Contains(result.ToolUseId ?? string.Empty) == true;
        if (result.ToolUseId is string id && _calls.Remove(id, out call))
        {
            string? state = isDenied ? "denied" : result.IsError ? "failed" : result.ExitCode is int code and not 0 ? $"exit code {code.ToString(CultureInfo.InvariantCulture)}" : null;
            Run.FailedCalls += state is null ? 0 : 1;
            PutHead(call, told.TimeTicks, state);
        }

        if (isDenied)
        {
            Run.NoteDenial(new ToolDenial(call?.Tool ?? string.Empty, result.Text) { ToolUseId = result.ToolUseId, Call = call?.Call });
        }

        if (_isFull)
        {
            _layout.CallResult(_made, result.Text.Length > 0 ? result.Text : result.Content is string plain ? plain : Tools.CallView.Json(result.Output), result.IsError || isDenied);
            Put(call?.Inside ?? part);
        }
    }

    private void PutHead(OpenCall call, long endTicks, string? state)
    {
        TimeSpan? duration = call.Ticks > 0 && endTicks >= call.Ticks ? TimeSpan.FromTicks(endTicks - call.Ticks) : null;
        Run.Timeline.Add(call.Kind, call.Ticks, endTicks, call.Number, state is not null);
        if (call.Head is ReportPart head)
        {
            _layout.CallHead(_made, new ReportLayout.CallFacts(Run.Number, call.Number, call.Tool, call.Kind, call.Subject, duration, state));
            Put(head);
        }
    }

    private void Know(SecretRedactor? redactor)
    {
        if (redactor is not null && redactor != SecretRedactor.Patterns && redactor != Run.Secrets?.Redactor)
        {
            Run.Secrets = new RunSecrets(redactor);
        }
    }

    private void Put(ReportPart part)
    {
        part.Add(_spool.Append(_made));
        _made.Clear();
    }

    private ReportPart PartOf(StreamMessage message) =>
        message.ParentToolUseId is string id && _calls.TryGetValue(id, out OpenCall? call) && call.Subagent is ReportPart inside ? inside : Run.Body;

    private ReportLayout.Place NextPlace(StreamMessage message, bool isSubagent, string? detail) => new(
        Run.Number,
        ++_messages,
        message.TimeTicks > 0 && Run.FirstTicks > 0 && message.TimeTicks >= Run.FirstTicks ? TimeSpan.FromTicks(message.TimeTicks - Run.FirstTicks) : null,
        isSubagent,
        detail);

    private static string SubjectOf(ToolUseContent call)
    {
        if (call.Command is string command)
        {
            return command;
        }

        if (call.Input is not System.Collections.IDictionary fields)
        {
            return string.Empty;
        }

        // The name that the agent used is shorter than the full path.
        return fields["path"] as string ?? (call.Files is [string file, ..] ? file : null) ?? fields.Values.OfType<string>().FirstOrDefault() ?? string.Empty;
    }

    private sealed record OpenCall(int Number, string Tool, ToolKind Kind, string Subject, long Ticks)
    {
        /// <summary>The call itself; null if it is not kept.</summary>
        public ToolUseContent? Call { get; init; }

        public ReportPart? Head { get; set; }

        public ReportPart? Inside { get; set; }

        /// <summary>Where the messages of its subagent are.</summary>
        public ReportPart? Subagent { get; set; }
    }
}
