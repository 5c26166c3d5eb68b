using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Amp.Reports;

/// <summary>
/// Renders Markdown with Markdig, which is a resource of this library with a load context of its own: neither a package that users of the library get, nor an
/// assembly that could meet another version in their process. A native program, which cannot load assemblies, shows Markdown as plain text.
/// </summary>
internal static class ReportMarkdown
{
    private const string Entry = "Amp.Sdk.Markdown";

    private const string Justification = "The assembly is a resource, which is not trimmed, and is not loaded in a native program.";

    private static readonly Lazy<(Func<string, string?> ToHtml, Func<string, string?> ToSafeMarkdown)> s_functions = new(Load);

    /// <summary>Makes safe HTML; null if the text cannot be read.</summary>
    public static string? ToHtml(string text) => RuntimeFeature.IsDynamicCodeSupported ? s_functions.Value.ToHtml(text) : null;

    /// <summary>Makes safe Markdown; null if the text cannot be read.</summary>
    public static string? ToSafeMarkdown(string text) => RuntimeFeature.IsDynamicCodeSupported ? s_functions.Value.ToSafeMarkdown(text) : null;

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Justification)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Justification)]
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

        [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Justification)]
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            using Stream? resource = typeof(ReportMarkdown).Assembly.GetManifestResourceStream(assemblyName.Name + ".dll");
            return resource is null ? null : LoadFromStream(resource);
        }
    }
}
