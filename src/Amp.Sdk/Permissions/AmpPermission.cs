using System.Collections;
using System.Collections.Specialized;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Json;
using Amp.Permissions;

namespace Amp;

/// <summary>
/// A rule for tool calls. The CLI uses the first rule that matches a call. After the rules of a run come the built-in rules of the CLI,
/// which allow much, including editing files and running programs. To decide about every call, end a list of rules with a rule for the tool
/// <c>*</c>.
/// </summary>
/// <remarks>
/// The CLI ignores a rule that it cannot read, and a rule with an invalid regular expression disables the rules after it, both without a
/// message. Therefore, a rule is checked completely when it is created.
/// </remarks>
#pragma warning disable CA1711 // The SDKs for other languages call it so; .NET means its own code access rules by the ending.
public sealed class AmpPermission
#pragma warning restore CA1711
{
    private static readonly JsonWriterOptions s_asOtherSdksWrite = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Creates a rule. The values are copied without changes.</summary>
    /// <param name="tool">The name of a tool, or a pattern: <c>*</c> for all tools, <c>mcp__github__*</c> for those of an MCP server,
    /// <c>tb__*</c> for those of a toolbox, <c>{Read,Grep}</c> for either.</param>
    /// <param name="action">The action for a matching call.</param>
    /// <param name="matches">The inputs of matching calls; null for all calls. A key is the name of an input (<c>cmd</c>), with dots for
    /// nested ones (<c>options.depth</c>). A value is a string in which <c>*</c> matches any characters, a string <c>/between slashes/</c>
    /// with a JavaScript regular expression, a number, a boolean, null, a list of these of which one must match, or a dictionary for an
    /// input that is an object. A string matches if any line of a multi-line input matches: if you allow shell commands by their text, you
    /// also allow everything on the other lines.</param>
    /// <param name="context">Whose calls the rule applies to; null for everyone's.</param>
    /// <param name="to">The program that decides, only for <see cref="PermissionAction.Delegate"/>: a path without arguments. Its rejection
    /// counts as a denial if its standard error is empty or begins with <c>Tool execution rejected by user</c>; other text replaces the
    /// words by which a denial is recognized.</param>
    /// <param name="message">The message for the model, only for <see cref="PermissionAction.Reject"/>.</param>
    /// <exception cref="AmpValidationException">A value cannot be used. The message names it, including the place inside a
    /// match.</exception>
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

    // For a rule in a settings file, which may be invalid here.
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
    /// Gets rules that let the agent read and search: files of this machine (<c>Read</c>, <c>Grep</c>, <c>glob</c>, <c>finder</c>,
    /// <c>look_at</c>, <c>get_diagnostics</c>), the user's threads (<c>find_thread</c>, <c>read_thread</c>) and its own notes
    /// (<c>todo_read</c>). Everything else is rejected, including the web and the new tools of a later CLI.
    /// </summary>
    /// <remarks>
    /// If a CLI offers none of these tools in a mode, the agent has no tools at all. The last rule matches everything, so put rules that
    /// allow other tools before these.
    /// </remarks>
    public static IReadOnlyList<AmpPermission> ReadOnlyPreset { get; } = ReadOnlyRules.Make();

    /// <summary>
    /// Creates a rule for a kind of tools, whatever their names in a build of the CLI. It is translated to rules of the CLI when the CLI is
    /// known: when a run is planned, a call is tested, or the rule is added to settings.
    /// </summary>
    /// <param name="kind">The kind. <see cref="ToolKind.Other"/> is not possible, because no list of names can represent it.</param>
    /// <param name="action">The action for a matching call.</param>
    /// <param name="command">For <see cref="ToolKind.Shell"/>: the commands, as a string in which <c>*</c> matches any characters, or as a
    /// JavaScript regular expression <c>/between slashes/</c>; null for all commands. Only the text is compared, and a command can be
    /// written in many ways.</param>
    /// <param name="path">For <see cref="ToolKind.Read"/> and <see cref="ToolKind.Write"/>: the files, as a path in which <c>*</c> matches
    /// any characters; null for all files. A rule that restricts also applies to other spellings of a path (<c>..</c>, <c>//</c>), and to
    /// tools that do not have the file as a single input.</param>
    /// <param name="context">Whose calls the rule applies to; null for everyone's.</param>
    /// <param name="to">The program that decides, only for <see cref="PermissionAction.Delegate"/>.</param>
    /// <param name="message">The message for the model, only for <see cref="PermissionAction.Reject"/>.</param>
    /// <exception cref="AmpValidationException">A value cannot be used.</exception>
    public static AmpPermission ForKind(
        ToolKind kind,
        PermissionAction action,
        string? command = null,
        string? path = null,
        PermissionContext? context = null,
        string? to = null,
        string? message = null) => new(kind, action, command, path, context, to, message);

    /// <summary>The tool or pattern; empty in a rule for a kind of tools.</summary>
    public string Tool { get; }

    /// <summary>The kind of tools; null in a rule that names its tools.</summary>
    public ToolKind? Kind { get; }

    /// <summary>The commands of a rule for shells; null for all.</summary>
    public string? Command { get; }

    /// <summary>The files of a rule for a kind of tools; null for all.</summary>
    public string? Path { get; }

    /// <summary>The action for a matching call.</summary>
    public PermissionAction Action { get; }

    /// <summary>The inputs of matching calls, as a read-only copy; null for all calls.</summary>
    public OrderedDictionary? Matches { get; }

    /// <summary>Whose calls the rule applies to; null for everyone's.</summary>
    public PermissionContext? Context { get; }

    /// <summary>The full path of the program that decides.</summary>
    public string? To { get; }

    /// <summary>The message that the model gets for a rejected call.</summary>
    public string? Message { get; }

    /// <summary>The other fields of a rule in a settings file, such as a note of the user; null if there are none.</summary>
    public OrderedDictionary? AdditionalProperties { get; }

    /// <summary>
    /// Gets the rule in the format of a settings file and of the SDKs for other languages. A rule for a kind has <c>kind</c>,
    /// <c>command</c> and <c>path</c> instead of a tool. No CLI supports this format; the rule is translated first.
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

    /// <summary>Checks a rule from a settings file in the same way as a new rule.</summary>
    /// <exception cref="AmpValidationException">The rule cannot be used.</exception>
    internal void Check() => _ = Kind is ToolKind kind
        ? ForKind(kind, Action, Command, Path, Context, To, Message)
        : new AmpPermission(Tool, Action, Matches, Context, To, Message);

    /// <summary>Writes the rule as an entry of <c>amp.permissions</c>.</summary>
    internal void WriteTo(Utf8JsonWriter writer) => WriteTo(writer, approver: null);

    /// <summary>Writes the rule for a run that can ask for approvals.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="approver">The program that asks for an approval if the action is Ask; null if the CLI itself handles it.</param>
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
            // The CLI would ignore the whole rule.
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
            $"{optionName} is {value}, which is not a valid value.",
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

/// <summary>The action of the CLI for a tool call that a rule matches.</summary>
public enum PermissionAction
{
    /// <summary>The tool runs.</summary>
    Allow,

    /// <summary>The tool does not run. The model gets a message, and the run continues.</summary>
    Reject,

    /// <summary>
    /// Your code is asked, if the run has an <see cref="AmpOptions.Approval"/>. Otherwise, nobody can be asked: the CLIs up to May 2026 stop the run with an error;
    /// the native CLIs (July 2026 and later) reject the call, and the agent continues without it.
    /// </summary>
    Ask,

    /// <summary>A program decides (<see cref="AmpPermission.To"/>).</summary>
    Delegate,
}

/// <summary>Whose tool calls a rule applies to.</summary>
public enum PermissionContext
{
    /// <summary>Calls of the agent itself.</summary>
    Thread,

    /// <summary>Calls of the agents that it starts.</summary>
    Subagent,
}
