using System.Collections;
using System.Collections.Specialized;
using System.Text.Json.Serialization;
using Amp.Json;
using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>A tool call of the model.</summary>
[JsonConverter(typeof(ContentBlockJsonConverter<ToolUseContent>))]
public sealed class ToolUseContent : ContentBlock
{
    private readonly string? _name;

    /// <summary>Creates a call, for example for a test.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="input">The arguments: strings, numbers, booleans, and lists and dictionaries of these; null for none.</param>
    /// <param name="id">The ID of the call; null for none.</param>
    /// <exception cref="AmpValidationException">An argument cannot be written as JSON.</exception>
    public ToolUseContent(string name, IDictionary? input = null, string? id = null)
        : this(id, name ?? throw new ArgumentNullException(nameof(name)), ToolInput.ToPlain(input ?? new OrderedDictionary(), nameof(input)), default)
    {
    }

    internal ToolUseContent(string? id, string? name, object? input, in AdditionalFields additional)
        : base("tool_use", additional)
    {
        Id = id;
        _name = name;
        Input = input;
    }

    /// <summary>The ID of the call, which is also in <see cref="ToolResultContent.ToolUseId"/> of its result.</summary>
    public string? Id { get; }

    /// <summary>
    /// The name of the tool in this CLI, such as <c>Bash</c> or <c>shell_command</c>. A toolbox tool is <c>tb__NAME</c> on every CLI, even
    /// if the library offers it instead of the CLI.
    /// </summary>
    public string? Name => Start is null ? _name : Start.Toolbox.Own(_name);

    /// <summary>
    /// The arguments as plain objects at any depth: an <see cref="OrderedDictionary"/> for an object, an array, a string, a number, a
    /// boolean or null. In PowerShell, <c>$call.Input.cmd</c> reads one, ignoring case.
    /// </summary>
    public object? Input { get; }

    /// <summary>The arguments as JSON, for example for <c>JsonSerializer.Deserialize</c>.</summary>
    public string InputJson => CallView.Json(Input);

    /// <summary>
    /// What the tool does, whatever its name in this build. An unknown tool with an input <c>cmd</c> or <c>command</c> counts as a shell.
    /// </summary>
    public ToolKind Kind => CallView.Kind(Name, Input);

    /// <summary>The command of a shell; null for calls of other kinds. If no known input contains it, the whole input as JSON.</summary>
    public string? Command => CallView.Command(Name, Input);

    /// <summary>
    /// The folder in which a shell runs the command, which is that of the run if the call names none; null for calls of other kinds.
    /// </summary>
    public string? CommandDirectory => CallView.CommandDirectory(Name, Input, Start?.Cwd);

    /// <summary>
    /// The files that the tool is told to read or write, including those in a patch: full paths if the folder of the run is known,
    /// otherwise as the agent named them. Files that a shell command uses are not included.
    /// </summary>
    public IReadOnlyList<string> Files => ReadableList<string>.Of(CallView.Files(Name, Input, Start?.Cwd));

    /// <summary>The first message of the run, which contains the folder; null if it has not arrived.</summary>
    internal SystemMessage? Start { get; set; }

    private protected override IEnumerable<(string Name, object? Value)> Fields => [("id", Id), ("name", _name), ("input", Input)];

    /// <summary>Returns the name of the tool.</summary>
    public override string ToString() => Name ?? Type;
}
