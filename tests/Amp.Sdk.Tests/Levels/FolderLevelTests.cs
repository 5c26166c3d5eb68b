using Amp.Testing;

namespace Amp.Sdk.Tests.Levels;

/// <summary>Holds that the folders of a project are levels: where one uses another, that one uses it nowhere, not even by way of a third.</summary>
public sealed class FolderLevelTests
{
    private const int MostShown = 12;

    private static readonly Lazy<CompiledProject> s_library = new(() => CompiledProject.Read(RepositoryLayout.BuiltLibrary("Amp.Sdk"), "src/Amp.Sdk"));
    private static readonly Lazy<CompiledProject> s_module = new(() => CompiledProject.Read(RepositoryLayout.BuiltLibrary("Amp.PowerShell"), "src/Amp.PowerShell"));

    public static TheoryData<string> Projects => ["Amp.Sdk", "Amp.PowerShell"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_do_not_reach_into_each_other_in_a_circle(string name)
    {
        CompiledProject project = Read(name);
        IReadOnlyList<IReadOnlyList<string>> circles = Circles.In(project.References.Select(reference => FoldersOf(project, reference)));
        Assert.True(circles.Count == 0, string.Join("\n\n", circles.Select(circle => Told(project, circle))));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_file_counts_and_every_type_lies_in_one_folder(string name)
    {
        CompiledProject project = Read(name);
        string folder = Path.Combine(RepositoryLayout.Root, "src", name);
        string[] files = [.. Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal))];
        Assert.True(files.Length > 100);
        Assert.Equal(files.Order(StringComparer.Ordinal), project.Files.Values.SelectMany(own => own).Distinct().Order(StringComparer.Ordinal));
        Assert.All(project.Files, type => Assert.True(type.Value.Select(FolderOf).Distinct().Count() == 1, $"{type.Key}: {string.Join(", ", type.Value)}"));
    }

    [Theory]
    [InlineData("Amp.RunPlan", "Amp.Plans.StandingSettings", "what a body calls")]
    [InlineData("Amp.AmpAgentException", "Amp.AmpException", "a base")]
    [InlineData("Amp.Services.ToolService", "Amp.Services.IRunService", "an interface")]
    [InlineData("Amp.AmpOptions", "Amp.McpServer", "an argument of a generic type in a signature")]
    [InlineData("Amp.Tools.KnownTool", "Amp.ToolKind", "an enum")]
    public void What_is_read_is_what_the_code_says(string from, string to, string by) =>
        Assert.True(Read("Amp.Sdk").References.Contains(new TypeReference(from, to)), by);

    [Theory]
    [InlineData("Amp.PowerShell.Commands.GetAmpToolCommand", "Amp.PowerShell.Completion.ModeCompleter", "a type that an attribute of a parameter is given")]
    [InlineData("Amp.PowerShell.Commands.InvokeAmpAgentCommand", "Amp.PowerShell.Pipeline.SecondsAttribute", "an attribute")]
    public void What_attributes_say_is_read_too(string from, string to, string by) =>
        Assert.True(Read("Amp.PowerShell").References.Contains(new TypeReference(from, to)), by);

    private static CompiledProject Read(string name) => (name == "Amp.Sdk" ? s_library : s_module).Value;

    private static (string From, string To) FoldersOf(CompiledProject project, TypeReference reference) =>
        (FolderOf(project.Files[reference.From].First()), FolderOf(project.Files[reference.To].First()));

    // The project's own folder is one like the others.
    private static string FolderOf(string file) => file.LastIndexOf('/') is var end and > 0 ? file[..end] : ".";

    private static string Told(CompiledProject project, IReadOnlyList<string> circle)
    {
        List<string> lines = [$"Folders reach into each other in a circle: {string.Join(" -> ", [.. circle, circle[0]])}"];
        for (int place = 0; place < circle.Count; place++)
        {
            (string From, string To) step = (circle[place], circle[(place + 1) % circle.Count]);
            TypeReference[] references = [.. project.References.Where(reference => FoldersOf(project, reference) == step)];
            lines.Add($"  {step.From} -> {step.To}:");
            lines.AddRange(references.Take(MostShown).Select(reference => $"    {reference.From} uses {reference.To}"));
            lines.AddRange(references.Length > MostShown ? [$"    and {references.Length - MostShown} more"] : []);
        }

        return string.Join('\n', lines);
    }
}
