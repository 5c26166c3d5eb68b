using System.Reflection;
using System.Runtime.Loader;

namespace Amp.Reports;

/// <summary>
/// Renders Markdown with Markdig, which is a resource of this library with a load context of its own: neither a package that users of the library get, nor an
/// assembly that could meet another version in their process.
/// </summary>
internal static class ReportMarkdown
{
    private const string Entry = "Amp.Sdk.Markdown";

    private static readonly Lazy<(Func<string, string?> ToHtml, Func<string, string?> ToSafeMarkdown)> s_functions = new(Load);

    /// <summary>Makes safe HTML; null if the text cannot be read.</summary>
    public static string? ToHtml(string text) => s_functions.Value.ToHtml(text);

    /// <summary>Makes safe Markdown; null if the text cannot be read.</summary>
    public static string? ToSafeMarkdown(string text) => s_functions.Value.ToSafeMarkdown(text);

    private static (Func<string, string?> ToHtml, Func<string, string?> ToSafeMarkdown) Load()
    {
        Type type = new ResourceContext().LoadFromAssemblyName(new AssemblyName(Entry)).GetType("Amp.Markdown.MarkdownText", throwOnError: true)!;
        return (type.GetMethod("ToHtml")!.CreateDelegate<Func<string, string?>>(), type.GetMethod("ToSafeMarkdown")!.CreateDelegate<Func<string, string?>>());
    }

    private sealed class ResourceContext : AssemblyLoadContext
    {
        public ResourceContext()
            : base("Amp Markdown")
        {
        }

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            using Stream? resource = typeof(ReportMarkdown).Assembly.GetManifestResourceStream(assemblyName.Name + ".dll");
            return resource is null ? null : LoadFromStream(resource);
        }
    }
}
