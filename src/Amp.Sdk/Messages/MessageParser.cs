using System.Runtime.CompilerServices;
using System.Text.Json;
using Amp.Json;
using Amp.Permissions;

namespace Amp.Messages;

/// <summary>
/// Parses lines to messages. One pass validates the whole line and reads only what determines its type. The content is read when a property
/// is first used.
/// </summary>
internal sealed class MessageParser
{
    private readonly RunTally _tally;
    private readonly IRunAccount? _account;
    private readonly StepFacts _facts;
    private readonly ToolboxNames _toolbox;
    private readonly RecurringText _sessions = new();
    private SystemMessage? _start;

    /// <param name="tally">Counts the messages; null for a tally without rules.</param>
    /// <param name="toolbox">The tools that the library offers instead of the CLI, if any.</param>
    /// <param name="account">What the run knows in addition to its lines; null if only the lines are known.</param>
    public MessageParser(RunTally? tally = null, ToolboxNames? toolbox = null, IRunAccount? account = null)
    {
        _tally = tally ?? new RunTally(RejectMessages.None);
        _toolbox = toolbox ?? ToolboxNames.None;
        _account = account;
        _facts = new StepFacts(_toolbox);
    }

    /// <summary>Returns whether a line looks like a JSON object. The stream consists only of such lines.</summary>
    public static bool LooksLikeJson(ReadOnlySpan<byte> line) => line.TrimStart(" \t"u8) is [(byte)'{', ..];

    /// <summary>Parses a whole line without its line break. The bytes are copied.</summary>
    /// <exception cref="JsonException">The line is not a JSON object.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public StreamMessage Parse(ReadOnlySpan<byte> line)
    {
        JsonReader reader = JsonText.Open(line);
        string type = string.Empty;
        string? session = null;
        string? parent = null;
        bool errorSubtype = false;
        bool isError = false;
        _facts.Clear();

        reader.Read();
        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "type"u8))
            {
                reader.Read();
                type = reader.TokenType == JsonTokenType.String ? KnownType(ref reader) : string.Empty;
            }
            else if (JsonText.Is(ref reader, "session_id"u8))
            {
                reader.Read();
                session = reader.TokenType == JsonTokenType.String ? _sessions.Of(ref reader) : null;
            }
            else if (JsonText.Is(ref reader, "parent_tool_use_id"u8))
            {
                reader.Read();
                parent = reader.TokenType == JsonTokenType.String ? JsonText.String(ref reader) : null;
            }
            else if (JsonText.Is(ref reader, "subtype"u8))
            {
                reader.Read();
                errorSubtype = reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("error"u8);
            }
            else if (JsonText.Is(ref reader, "is_error"u8))
            {
                reader.Read();
                isError = reader.TokenType == JsonTokenType.True
                    || (reader.TokenType == JsonTokenType.String && bool.TryParse(JsonText.String(ref reader), out bool quoted) && quoted);
            }
            else if (JsonText.Is(ref reader, "message"u8))
            {
                reader.Read();
                _facts.Read(ref reader);
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }

        // Text after the end of the object is an error that is found only by reading on.
        reader.Read();
        _facts.Complete();

        MessageEnvelope envelope = new(line.ToArray(), type, session, parent)
        {
            EndsTurn = parent is null && _facts.IsLastStep,
            ToolNames = _facts.ToolNames(),
            Start = _facts.ToolUses.Count > 0 ? _start : null,
        };
        _tally.Add(parent is not null, _facts, envelope);
        switch (type)
        {
            case "assistant":
                return new AssistantMessage(envelope, envelope.EndsTurn ? _account?.EndTurn(session) : null);
            case "user":
                return new UserMessage(envelope);
            case "result" when !isError && !errorSubtype:
                return new ResultMessage(envelope, Result(envelope, isError: false, out ResultFacts facts), facts);
            // Some builds report a failed run as a system message. It is treated as a result.
            case "result":
            case "system" when errorSubtype:
                return new ErrorResultMessage(envelope, Result(envelope, isError: true, out ResultFacts known), known);
            case "system":
                SystemMessage system = new(envelope) { Toolbox = _toolbox };
                _start ??= system;
                return system;
            default:
                return new UnknownMessage(envelope);
        }
    }

    private ResultLine Result(in MessageEnvelope envelope, bool isError, out ResultFacts facts)
    {
        ResultLine line = new(envelope, isError, _tally.Summarize());
        _tally.NoteResult(line);
        facts = _account?.Complete(line) ?? ResultFacts.None;
        return line;
    }

    private static string KnownType(ref JsonReader reader) =>
        JsonText.Is(ref reader, "assistant"u8) ? "assistant"
        : JsonText.Is(ref reader, "user"u8) ? "user"
        : JsonText.Is(ref reader, "result"u8) ? "result"
        : JsonText.Is(ref reader, "system"u8) ? "system"
        : JsonText.String(ref reader);
}
