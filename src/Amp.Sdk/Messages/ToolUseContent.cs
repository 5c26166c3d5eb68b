using System.Collections.Specialized;
using Amp.Json;
using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>A tool that the model calls.</summary>
public sealed class ToolUseContent : ContentBlock
{
    private readonly string? _name;

    internal ToolUseContent(string? id, string? name, object? input, in AdditionalFields additional)
        : base("tool_use", additional)
    {
        Id = id;
        _name = name;
        Input = input;
    }

    /// <summary>The call's ID. The result of the call names it in its <see cref="ToolResultContent.ToolUseId"/>.</summary>
    public string? Id { get; }

    /// <summary>
    /// The tool's name as this CLI calls it, <c>Bash</c> or <c>shell_command</c> for instance. A tool of a toolbox is <c>tb__NAME</c> on every
    /// CLI, also where this library offers it in the CLI's place.
    /// </summary>
    public string? Name => Start is null ? _name : Start.Toolbox.Own(_name);

    /// <summary>
    /// The arguments as plain objects at any depth: an <see cref="OrderedDictionary"/> for an object, an array, a string,
    /// a number, a boolean or null. In PowerShell <c>$call.Input.cmd</c> reads one, whatever its case.
    /// </summary>
    public object? Input { get; }

    /// <summary>
    /// What the tool does, whatever this build calls it. A tool that is not known and that is given a <c>cmd</c> or <c>command</c> counts as
    /// a shell.
    /// </summary>
    public ToolKind Kind => CallView.Kind(Name, Input);

    /// <summary>
    /// What a shell is to run; null for calls of other kinds. Where it stands in no input that is known, everything that the tool is given,
    /// as JSON.
    /// </summary>
    public string? Command => CallView.Command(Name, Input);

    /// <summary>The folder in which a shell is to run it, the run's where the call names none; null for calls of other kinds.</summary>
    public string? CommandDirectory => CallView.CommandDirectory(Name, Input, Start?.Cwd);

    /// <summary>
    /// The files that the tool is told to read or write, those of a patch among them: full paths where the folder of the run is known,
    /// else as the agent named them. What a shell command touches is not among them.
    /// </summary>
    public IReadOnlyList<string> Files => ReadableList<string>.Of(CallView.Files(Name, Input, Start?.Cwd));

    /// <summary>The run's first message, which knows the folder; null where it has not come.</summary>
    internal SystemMessage? Start { get; set; }

    /// <summary>The tool's name.</summary>
    public override string ToString() => Name ?? Type;
}
