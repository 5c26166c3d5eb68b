using System.Collections;
using System.Collections.Specialized;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Json;
using Amp.Permissions;

namespace Amp;

/// <summary>
/// A rule that says what becomes of a tool call. The CLI takes the first rule that matches a call; behind the rules of a run come
/// those that are built into the CLI, which allow much, editing files and running programs among it. A list of rules that is to
/// hold whatever comes ends with a rule for the tool <c>*</c>.
/// </summary>
/// <remarks>
/// The CLI leaves a rule that it cannot read out, and one whose regular expression is broken switches off those behind it, both
/// without a word. So a rule is checked here, to the last value, when it is made.
/// </remarks>
#pragma warning disable CA1711 // The SDKs for other languages call it so; .NET means its own code access rules by the ending.
public sealed class AmpPermission
#pragma warning restore CA1711
{
    private static readonly JsonWriterOptions s_asOtherSdksWrite = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes a rule. What is given is copied, and nothing of it is changed.</summary>
    /// <param name="tool">
    /// The name of a tool, or a pattern of names: <c>*</c> for all, <c>mcp__github__*</c> for those of an MCP server, <c>tb__*</c>
    /// for those of a toolbox, <c>{Read,Grep}</c> for either.
    /// </param>
    /// <param name="action">What becomes of a call.</param>
    /// <param name="matches">
    /// Which calls, by their inputs; null for all. A key names an input (<c>cmd</c>), with dots one inside it (<c>options.depth</c>).
    /// A value is a text in which <c>*</c> stands for any characters, a text <c>/between slashes/</c> that is a regular expression
    /// of JavaScript, a number, a boolean, null, a list of these of which one must match, or a dictionary for an input that is an
    /// object. Texts match as soon as one line of an input of many lines does: to allow a shell by what its command looks like is
    /// to allow whatever stands on the other lines.
    /// </param>
    /// <param name="context">Whose calls; null for everybody's.</param>
    /// <param name="to">The program that decides, for <see cref="PermissionAction.Delegate"/> and for nothing else: a path only. A
    /// reject of its counts as a denial where its standard error is empty or begins with <c>Tool execution rejected by user</c>; other
    /// words of its stand in the place of those by which a denial is known.</param>
    /// <param name="message">What the model is told, for <see cref="PermissionAction.Reject"/> and for nothing else.</param>
    /// <exception cref="AmpValidationException">
    /// One of them cannot be used; the message names it, down to the value inside a match.
    /// </exception>
    public AmpPermission(
        string tool,
        PermissionAction action,
        IDictionary? matches = null,
        PermissionContext? context = null,
        string? to = null,
        string? message = null)
    {
        ToolNameCheck.Check(tool);
        Tool = tool;
        Action = Known(action, nameof(Action));
        Context = context is PermissionContext given ? Known(given, nameof(Context)) : null;
        Matches = matches is null ? null : MatchCopy.Of(matches);
        To = DelegateProgram.Check(to, action);
        Message = CheckMessage(message, action);
    }

    private AmpPermission(
        ToolKind kind, PermissionAction action, string? command, string? path, PermissionContext? context, string? to, string? message)
    {
        KindCheck.Check(kind, command, path);
        Tool = string.Empty;
        Kind = kind;
        Command = command;
        Path = path;
        Action = Known(action, nameof(Action));
        Context = context is PermissionContext given ? Known(given, nameof(Context)) : null;
        To = DelegateProgram.Check(to, action);
        Message = CheckMessage(message, action);
    }

    // Of a rule that stands in a settings file, and so need not be one that could be made here.
    internal AmpPermission(
        string tool,
        PermissionAction action,
        OrderedDictionary? matches,
        PermissionContext? context,
        string? to,
        string? message,
        OrderedDictionary? additionalProperties)
    {
        Tool = tool;
        Action = action;
        Matches = matches?.AsReadOnly();
        Context = context;
        To = to;
        Message = message;
        AdditionalProperties = additionalProperties?.AsReadOnly();
    }

    /// <summary>
    /// The rules under which the agent can read and search: files of this machine (<c>Read</c>, <c>Grep</c>, <c>glob</c>,
    /// <c>finder</c>, <c>look_at</c>, <c>get_diagnostics</c>), the user's threads (<c>find_thread</c>, <c>read_thread</c>) and its own
    /// notes (<c>todo_read</c>). Everything else is rejected, the web and tools that a later CLI brings among it.
    /// </summary>
    /// <remarks>
    /// Where a CLI offers none of these tools in a mode, it then has no tools at all. The last rule
    /// matches everything: what is to be allowed beside these goes before them.
    /// </remarks>
    public static IReadOnlyList<AmpPermission> ReadOnlyPreset { get; } = ReadOnlyRules.Make();

    /// <summary>
    /// Makes a rule for a kind of tools, whatever a build of the CLI calls them. It becomes the rules that a CLI understands when that CLI is
    /// known: when a run is planned, a call is tested, or it is added to settings.
    /// </summary>
    /// <param name="kind">The kind; not <see cref="ToolKind.Other"/>, which no list of names can stand for.</param>
    /// <param name="action">What becomes of a call.</param>
    /// <param name="command">
    /// For <see cref="ToolKind.Shell"/>: which commands, as a text in which <c>*</c> stands for any characters, or a regular expression of
    /// JavaScript <c>/between slashes/</c>; null for all. It compares texts: a command can be spelled in countless ways.
    /// </param>
    /// <param name="path">
    /// For <see cref="ToolKind.Read"/> and <see cref="ToolKind.Write"/>: which files, as a path in which <c>*</c> stands for any characters;
    /// null for all. A rule that restricts also holds for paths in roundabout spellings (<c>..</c>, <c>//</c>), and for tools that do not
    /// tell the file by one input.
    /// </param>
    /// <param name="context">Whose calls; null for everybody's.</param>
    /// <param name="to">The program that decides, for <see cref="PermissionAction.Delegate"/> and for nothing else.</param>
    /// <param name="message">What the model is told, for <see cref="PermissionAction.Reject"/> and for nothing else.</param>
    /// <exception cref="AmpValidationException">One of them cannot be used.</exception>
    public static AmpPermission ForKind(
        ToolKind kind,
        PermissionAction action,
        string? command = null,
        string? path = null,
        PermissionContext? context = null,
        string? to = null,
        string? message = null) => new(kind, action, command, path, context, to, message);

    /// <summary>The tool, or the pattern of tools; empty in a rule for a kind of tools.</summary>
    public string Tool { get; }

    /// <summary>The kind of tools; null in a rule that names its tools.</summary>
    public ToolKind? Kind { get; }

    /// <summary>The commands that a rule for shells is about; null for all.</summary>
    public string? Command { get; }

    /// <summary>The files that a rule for a kind of tools is about; null for all.</summary>
    public string? Path { get; }

    /// <summary>What becomes of a call.</summary>
    public PermissionAction Action { get; }

    /// <summary>Which calls, by their inputs, as a copy that cannot be changed; null for all.</summary>
    public OrderedDictionary? Matches { get; }

    /// <summary>Whose calls; null for everybody's.</summary>
    public PermissionContext? Context { get; }

    /// <summary>The full path of the program that decides.</summary>
    public string? To { get; }

    /// <summary>What the model is told of a rejected call.</summary>
    public string? Message { get; }

    /// <summary>What else stands in a rule of a settings file, a note of the user's for instance; null where there is nothing.</summary>
    public OrderedDictionary? AdditionalProperties { get; }

    /// <summary>
    /// The rule as it stands in a settings file, and as the SDKs for other languages write it. A rule for a kind has <c>kind</c>, <c>command</c>
    /// and <c>path</c> in the place of a tool, which no CLI understands: it is made into others for that.
    /// </summary>
    public string ToJson()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, s_asOtherSdksWrite))
        {
            WriteTo(writer);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <inheritdoc cref="ToJson"/>
    public override string ToString() => ToJson();

    /// <summary>Checks a rule that was read from a settings file as one that is made.</summary>
    /// <exception cref="AmpValidationException">It cannot be used.</exception>
    internal void Check() => _ = Kind is ToolKind kind
        ? ForKind(kind, Action, Command, Path, Context, To, Message)
        : new AmpPermission(Tool, Action, Matches, Context, To, Message);

    /// <summary>Writes the rule as an entry of <c>amp.permissions</c>.</summary>
    internal void WriteTo(Utf8JsonWriter writer) => WriteTo(writer, approver: null);

    /// <summary>Writes the rule for a run in which somebody can be asked.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="approver">The program that is asked where the rule says ask; null where the CLI itself is to see to that.</param>
    internal void WriteTo(Utf8JsonWriter writer, string? approver)
    {
        string? program = Action == PermissionAction.Ask ? approver : To;
        PermissionAction action = Action == PermissionAction.Ask && approver is not null ? PermissionAction.Delegate : Action;
        writer.WriteStartObject();
        if (Kind is ToolKind kind)
        {
            writer.WriteString("kind", InLowerCase(kind.ToString()));
            WriteIf(writer, "command", Command);
            WriteIf(writer, "path", Path);
        }
        else
        {
            writer.WriteString("tool", Tool);
        }

        writer.WriteString("action", InLowerCase(action.ToString()));
        if (Matches is not null)
        {
            writer.WritePropertyName("matches");
            PlainJson.Write(writer, Matches);
        }

        if (Context is PermissionContext context)
        {
            writer.WriteString("context", InLowerCase(context.ToString()));
        }

        if (program is not null)
        {
            writer.WriteString("to", program);
        }

        if (Message is not null)
        {
            writer.WriteString("message", Message);
        }

        foreach (DictionaryEntry entry in AdditionalProperties ?? [])
        {
            writer.WritePropertyName((string)entry.Key);
            PlainJson.Write(writer, entry.Value);
        }

        writer.WriteEndObject();
    }

    private static void WriteIf(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static string? CheckMessage(string? message, PermissionAction action)
    {
        if (message is null)
        {
            return null;
        }

        if (action != PermissionAction.Reject)
        {
            // The CLI would leave the whole rule out.
            throw new AmpValidationException(
                $"A message requires the action Reject; this rule has {InLowerCase(action.ToString())}.",
                nameof(Message),
                "Omit the message. The model gets it when a call is rejected.");
        }

        if (string.IsNullOrWhiteSpace(message))
        {
            throw new AmpValidationException(
                "The message is empty.", nameof(Message), "Give the text for the model, or omit the message.");
        }

        MatchText.Check(message, nameof(Message), "The message");
        return message;
    }

    private static T Known<T>(T value, string optionName)
        where T : struct, Enum => Enum.IsDefined(value)
        ? value
        : throw new AmpValidationException(
            $"{optionName} is {value}, which does not exist.",
            optionName,
            $"Give one of these: {string.Join(", ", Enum.GetNames<T>())}.",
            value);

    private static string InLowerCase(string name)
    {
#pragma warning disable CA1308 // These are words of the CLI's settings, which are in lower case.
        return name.ToLowerInvariant();
#pragma warning restore CA1308
    }
}

/// <summary>What the CLI does with a tool call that a rule matches.</summary>
public enum PermissionAction
{
    /// <summary>The tool runs.</summary>
    Allow,

    /// <summary>The tool does not run; the model is told so and the run goes on.</summary>
    Reject,

    /// <summary>
    /// Somebody is asked: the caller, where the run has an <see cref="AmpOptions.Approval"/>. Else nobody can be, the call is refused and
    /// the run ends.
    /// </summary>
    Ask,

    /// <summary>A program decides (<see cref="AmpPermission.To"/>).</summary>
    Delegate,
}

/// <summary>Whose tool calls a rule is about.</summary>
public enum PermissionContext
{
    /// <summary>Those of the agent itself.</summary>
    Thread,

    /// <summary>Those of the agents that it starts.</summary>
    Subagent,
}
