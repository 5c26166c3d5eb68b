using Markdig;
using Markdig.Syntax;

namespace Amp.Markdown;

/// <summary>
/// Markdown of a model, which may be hostile, as text for a page or for another Markdown text. Only strings cross to the library, because this assembly and
/// Markdig have a load context of their own.
/// </summary>
public static class MarkdownText
{
    private static readonly string[] s_schemes = ["http://", "https://", "mailto:"];

    [ThreadStatic]
    private static SafeHtmlRenderer? s_renderer;

    /// <summary>
    /// Makes HTML without scripts, styles, images and handlers: HTML in the text stays text, only links to the web and to mail addresses are links, and images
    /// are links too.
    /// </summary>
    /// <param name="text">The Markdown.</param>
    /// <returns>The HTML; null if the text is nested too deeply to be read.</returns>
    public static string? ToHtml(string text)
    {
        try
        {
            SafeHtmlRenderer renderer = s_renderer ??= new SafeHtmlRenderer();
            return renderer.RenderText(text);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Exceptions of Markdig are types of this load context. What a renderer holds in the middle of a text must not reach the next one.
            s_renderer = null;
            return null;
        }
    }

    /// <summary>
    /// Makes Markdown that can stand inside other Markdown: without HTML, images, links to other schemes and definitions of links, with smaller headings,
    /// without mentions of users and issues, and with all code blocks closed. The words stay the same.
    /// </summary>
    /// <param name="text">The Markdown.</param>
    /// <returns>The Markdown; null if the text is nested too deeply to be read or made safe.</returns>
    public static string? ToSafeMarkdown(string text)
    {
        try
        {
            return SafeMarkdown.Of(text);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Whether a link leads to the web or to a mail address. A scheme counts only from the first character on, as it is written.</summary>
    internal static bool IsSafeLink(string? url) =>
        url is not null && Array.Exists(s_schemes, scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) && !url.Any(char.IsControl);

    /// <summary>The extensions that GitHub has too. None of them can set attributes.</summary>
    internal static MarkdownPipelineBuilder Builder() => new MarkdownPipelineBuilder()
        .UsePipeTables().UseTaskLists().UseAutoLinks().UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough);

    internal static MarkdownDocument Parse(string text, MarkdownPipeline pipeline) => Markdig.Markdown.Parse(text, pipeline);
}
