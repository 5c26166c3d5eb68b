using System.Text.RegularExpressions;

namespace Amp.HelpBuilder;

/// <summary>Reads the page of a cmdlet, whose sections and facts have one order.</summary>
internal static partial class CmdletPageReader
{
    /// <summary>The set of a cmdlet that has no other, as PowerShell calls it.</summary>
    private const string OnlySet = "__AllParameterSets";

    private const string EverySet = "(All)";

    public static CmdletPage Read(MarkdownLines lines, string name)
    {
        ReadHeader(lines, name);
        Begin(lines, $"# {name}");
        Begin(lines, "## SYNOPSIS");
        string[] synopsis = Text(lines);
        Begin(lines, "## SYNTAX");
        int syntaxLine = lines.Index;
        List<SyntaxItem> syntax = [.. Parts(lines, SyntaxHeading(), groups => ReadSyntax(lines, name, groups))];
        Begin(lines, "## ALIASES");
        Text(lines);
        Begin(lines, "## DESCRIPTION");
        string[] description = Text(lines);
        Begin(lines, "## EXAMPLES");
        List<Example> examples = [.. Parts(lines, ExampleHeading(), groups => ReadExample(lines, groups["name"].Value))];
        Begin(lines, "## PARAMETERS");
        List<Parameter> parameters = [.. Parts(lines, ParameterHeading(), groups => ReadParameter(lines, groups["name"].Value))];
        Begin(lines, "### CommonParameters");
        lines.TakeParagraphs();
        Begin(lines, "## INPUTS");
        List<TypeText> inputs = [.. Parts(lines, TypeHeading(), groups => new TypeText(groups["name"].Value, lines.TakeParagraphs()))];
        Begin(lines, "## OUTPUTS");
        List<TypeText> outputs = [.. Parts(lines, TypeHeading(), groups => new TypeText(groups["name"].Value, lines.TakeParagraphs()))];
        Begin(lines, "## NOTES");
        string[] notes = lines.TakeParagraphs();
        Begin(lines, "## RELATED LINKS");
        List<Link> links = [];
        for (lines.SkipBlank(); !lines.IsAtEnd; lines.SkipBlank())
        {
            GroupCollection groups = lines.Take(LinkLine(), "a link, '- [name](address)'");
            links.Add(new Link(groups["text"].Value, groups["address"].Value));
        }

        return new CmdletPage(name, synopsis, Checked(lines, syntaxLine, syntax, parameters), description, examples, parameters, inputs, outputs, notes, links);
    }

    private static void ReadHeader(MarkdownLines lines, string name)
    {
        lines.Take("---");
        lines.Take("document type: cmdlet");
        lines.Take("external help file: Amp.PowerShell.dll-Help.xml");
        lines.Take("HelpUri: ''");
        lines.Take("Locale: en-US");
        lines.Take("Module Name: Amp");
        lines.Take("PlatyPS schema version: 2024-05-01");
        lines.Take($"title: {name}");
        lines.Take("---");
    }

    private static void Begin(MarkdownLines lines, string heading)
    {
        lines.SkipBlank();
        lines.Take(heading);
        lines.SkipBlank();
    }

    private static string[] Text(MarkdownLines lines) =>
        lines.TakeParagraphs() is { Length: > 0 } text ? text : throw lines.Fault("Expected a text.");

    private static IEnumerable<T> Parts<T>(MarkdownLines lines, Regex heading, Func<GroupCollection, T> read)
    {
        for (lines.SkipBlank(); heading.IsMatch(lines.Current); lines.SkipBlank())
        {
            GroupCollection groups = lines.Take(heading, "a heading");
            lines.SkipBlank();
            yield return read(groups);
        }
    }

    private static SyntaxItem ReadSyntax(MarkdownLines lines, string name, GroupCollection heading)
    {
        int start = lines.Index;
        string text = string.Join(' ', lines.TakeCode("```"));
        List<SyntaxParameter> parameters = [];
        int end = name.Length;
        if (!text.StartsWith(name, StringComparison.Ordinal) || !text.EndsWith(" [<CommonParameters>]", StringComparison.Ordinal))
        {
            throw lines.Fault($"A syntax begins with {name} and ends with [<CommonParameters>].", start);
        }

        foreach (Match match in SyntaxPart().Matches(text))
        {
            if (match.Index != end)
            {
                break;
            }

            end += match.Length;
            if (match.Groups["parameter"] is { Success: true } parameter)
            {
                parameters.Add(new SyntaxParameter(
                    parameter.Value,
                    match.Groups["type"] is { Success: true } type ? type.Value : null,
                    IsRequired: !match.Groups["optional"].Success,
                    IsPositional: match.Groups["positional"].Success));
            }
        }

        return end == text.Length
            ? new SyntaxItem(heading["name"].Value, heading["default"].Success, parameters)
            : throw lines.Fault($"The syntax cannot be read from here on: '{text[end..]}'.", start);
    }

    private static Example ReadExample(MarkdownLines lines, string title)
    {
        string[] introduction = lines.TakeParagraphs();
        string code = string.Join('\n', lines.TakeCode("```powershell"));
        List<string> remarks = [];
        while (!lines.IsAtEnd && !lines.Current.StartsWith("##", StringComparison.Ordinal))
        {
            if (lines.Current == "```Output")
            {
                remarks.Add(string.Join('\n', lines.TakeCode("```Output")));
            }
            else if (lines.Current.StartsWith("```", StringComparison.Ordinal))
            {
                throw lines.Fault("After its code, an example has what that shows, in '```Output', and words.");
            }
            else
            {
                remarks.AddRange(lines.TakeParagraphs());
            }
        }

        return new Example(title, introduction, code, string.Join("\n\n", remarks));
    }

    private static Parameter ReadParameter(MarkdownLines lines, string name)
    {
        string[] description = Text(lines);
        lines.Take("```yaml");
        string type = Fact(lines, "Type");
        string defaultValue = Fact(lines, "DefaultValue");
        bool supportsWildcards = Flag(lines, "SupportsWildcards");
        List<string> aliases = [];
        if (lines.Current == "Aliases: []")
        {
            lines.Take();
        }
        else
        {
            lines.Take("Aliases:");
            while (lines.Current.StartsWith("- ", StringComparison.Ordinal))
            {
                aliases.Add(lines.Take()[2..]);
            }
        }

        lines.Take("ParameterSets:");
        List<ParameterSet> sets = [];
        do
        {
            string set = Fact(lines, "- Name");
            string position = Fact(lines, "  Position");
            bool isRequired = Flag(lines, "  IsRequired");
            bool fromPipeline = Flag(lines, "  ValueFromPipeline");
            bool byPropertyName = Flag(lines, "  ValueFromPipelineByPropertyName");
            lines.Take("  ValueFromRemainingArguments: false");
            sets.Add(new ParameterSet(set, position, isRequired, fromPipeline, byPropertyName));
        }
        while (lines.Current.StartsWith("- ", StringComparison.Ordinal));
        lines.Take("DontShow: false");
        lines.Take("AcceptedValues: []");
        lines.Take("HelpMessage: ''");
        lines.Take("```");
        return new Parameter(name, description, type, defaultValue, supportsWildcards, aliases, sets);
    }

    private static string Fact(MarkdownLines lines, string key)
    {
        string value = lines.Take(FactLine(), $"'{key}: ' and a value") is { } groups && groups["key"].Value == key
            ? groups["value"].Value
            : throw lines.Fault($"Expected '{key}: ' and a value.", lines.Index - 1);
        return value is ['\'', .., '\''] ? value[1..^1].Replace("''", "'", StringComparison.Ordinal) : value;
    }

    private static bool Flag(MarkdownLines lines, string key) => Fact(lines, key) switch
    {
        "true" => true,
        "false" => false,
        string other => throw lines.Fault($"'{other}' is neither true nor false.", lines.Index - 1),
    };

    // Syntax and facts tell the same of each parameter of each set.
    private static List<SyntaxItem> Checked(MarkdownLines lines, int line, List<SyntaxItem> syntax, List<Parameter> parameters)
    {
        foreach (SyntaxItem item in syntax)
        {
            IEnumerable<string> told = item.Parameters.Select(parameter => parameter.Name);
            IEnumerable<string> described = parameters.Where(parameter => SetOf(parameter, item.Set) is not null).Select(parameter => parameter.Name);
            string[] missing = [.. told.Except(described), .. described.Except(told)];
            if (missing.Length > 0)
            {
                throw lines.Fault($"The syntax of {item.Set} and the facts below differ about -{string.Join(", -", missing)}.", line);
            }

            foreach (SyntaxParameter parameter in item.Parameters)
            {
                ParameterSet set = SetOf(parameters.First(described => described.Name == parameter.Name), item.Set)!;
                if (set.IsRequired != parameter.IsRequired || set.Position == "Named" == parameter.IsPositional)
                {
                    throw lines.Fault($"The syntax of {item.Set} and the facts below differ about what -{parameter.Name} requires.", line);
                }
            }
        }

        return syntax;
    }

    public static ParameterSet? SetOf(Parameter parameter, string set) =>
        parameter.Sets.FirstOrDefault(one => one.Name == EverySet || one.Name == set || set == OnlySet);

    [GeneratedRegex(@"^### (?<name>\S+)(?<default> \(Default\))?$")]
    private static partial Regex SyntaxHeading();

    [GeneratedRegex(@"^### (?<name>Example \d+: .+)$")]
    private static partial Regex ExampleHeading();

    [GeneratedRegex(@"^### -(?<name>\w+)$")]
    private static partial Regex ParameterHeading();

    [GeneratedRegex(@"^### (?<name>[\w.]+(?:\[\])?)$")]
    private static partial Regex TypeHeading();

    [GeneratedRegex(@"^- \[(?<text>[^\]]+)\]\((?<address>[^)]+)\)$")]
    private static partial Regex LinkLine();

    [GeneratedRegex(@"^(?<key>(?:- |  )?\w+): (?<value>.*)$")]
    private static partial Regex FactLine();

    // [[-Name] <type>], [-Name <type>], [-Name] <type>, [-Switch], -Name <type>, -Switch
    [GeneratedRegex(
        @" +(?:\[<CommonParameters>\]$"
            + @"|(?<optional>\[)(?<positional>\[)-(?<parameter>\w+)\] <(?<type>[^<>]+)>\]"
            + @"|(?<optional>\[)-(?<parameter>\w+) <(?<type>[^<>]+)>\]"
            + @"|(?<positional>\[)-(?<parameter>\w+)\] <(?<type>[^<>]+)>"
            + @"|(?<optional>\[)-(?<parameter>\w+)\]"
            + @"|-(?<parameter>\w+)(?: <(?<type>[^<>]+)>)?)(?=\s|$)")]
    private static partial Regex SyntaxPart();
}
