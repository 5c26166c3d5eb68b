using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Amp.Reports;

/// <summary>
/// Renders Markdown with Markdig, which is a resource of this library with a load context of its own: neither a package that users of the library get, nor an
/// assembly that could meet another version in their process. A native program, which cannot load assemblies, shows Markdown as plain text.
/// </summary>
internal sealed class ReportMarkdown
{
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_usual = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_usualPerThousand = TimeSpan.FromMilliseconds(1);

    private const string Entry = "Amp.Sdk.Markdown";

    private const string Justification = "The assembly is a resource, which is not trimmed, and is not loaded in a native program.";

    private static readonly Lazy<(Func<string, string?> ToHtml, Func<string, string?> ToSafeMarkdown)> s_functions = new(Load);

    // What the answers of agents have most often: the methods that it leads through are compiled.
    private const string Sample = "# A heading\n\nA **paragraph** with `code`, *words*, a [link](https://example.com) and \"quotes\".\n\n- an item\n- another one\n\n1. a step\n\n```cs\nreturn;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";

    private static int s_isPrepared;

    private readonly TimeSpan _most;
    private TimeSpan _taken;

    /// <param name="most">The time that all texts of a report together may take beyond what is usual; null for the default. Some texts that no person writes
    /// take the square of their length.</param>
    public ReportMarkdown(TimeSpan? most = null) => _most = most ?? s_most;

    /// <summary>
    /// Loads the renderer, which .NET must compile, on another thread while messages are read. A text that comes earlier waits for it, as it would without this.
    /// </summary>
    public static void Prepare()
    {
        if (RuntimeFeature.IsDynamicCodeSupported && Interlocked.Exchange(ref s_isPrepared, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static _ =>
                {
                    try
                    {
                        _ = s_functions.Value.ToHtml(Sample);
                    }
                    catch (Exception)
                    {
                        // The first text meets the same fault, where somebody gets it.
                    }
                },
                null);
        }
    }

    /// <summary>Makes safe HTML; null if the text cannot be read, or if earlier texts took too long.</summary>
    public string? ToHtml(string text) => RuntimeFeature.IsDynamicCodeSupported ? Within(s_functions.Value.ToHtml, text) : null;

    /// <summary>Makes safe Markdown; null if the text cannot be read, or if earlier texts took too long.</summary>
    public string? ToSafeMarkdown(string text) => RuntimeFeature.IsDynamicCodeSupported ? Within(s_functions.Value.ToSafeMarkdown, text) : null;

    private string? Within(Func<string, string?> function, string text)
    {
        if (_taken > _most)
        {
            return null;
        }

        long start = Stopwatch.GetTimestamp();
        string? result = function(text);
        TimeSpan beyond = Stopwatch.GetElapsedTime(start) - s_usual - (s_usualPerThousand * (text.Length / 1000));
        _taken += beyond > TimeSpan.Zero ? beyond : TimeSpan.Zero;
        return result;
    }

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
