namespace Amp.HelpBuilder;

/// <summary>The page of a cmdlet. Its texts are Markdown.</summary>
internal sealed record CmdletPage(
    string Name,
    string[] Synopsis,
    IReadOnlyList<SyntaxItem> Syntax,
    string[] Description,
    IReadOnlyList<Example> Examples,
    IReadOnlyList<Parameter> Parameters,
    IReadOnlyList<TypeText> Inputs,
    IReadOnlyList<TypeText> Outputs,
    string[] Notes,
    IReadOnlyList<Link> Links);

/// <summary>A way to call the cmdlet: a parameter set, with its parameters in their order.</summary>
internal sealed record SyntaxItem(string Set, bool IsDefault, IReadOnlyList<SyntaxParameter> Parameters);

/// <summary>A parameter in a syntax.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ValueType">What is written for its value; null for a switch.</param>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="IsPositional">Whether its name may be omitted.</param>
internal sealed record SyntaxParameter(string Name, string? ValueType, bool IsRequired, bool IsPositional);

/// <summary>An example: words, code, and what the code shows.</summary>
internal sealed record Example(string Title, string[] Introduction, string Code, string Remarks);

/// <summary>A parameter with the facts about it.</summary>
internal sealed record Parameter(
    string Name, string[] Description, string Type, string DefaultValue, bool SupportsWildcards, IReadOnlyList<string> Aliases, IReadOnlyList<ParameterSet> Sets);

/// <summary>What holds of a parameter in one parameter set, or in all.</summary>
internal sealed record ParameterSet(string Name, string Position, bool IsRequired, bool FromPipeline, bool FromPipelineByPropertyName);

/// <summary>A type that a cmdlet takes or writes, and what is said of it.</summary>
internal sealed record TypeText(string Type, string[] Description);

/// <summary>A related page: the file beside this one, or an address.</summary>
internal sealed record Link(string Text, string Address);
