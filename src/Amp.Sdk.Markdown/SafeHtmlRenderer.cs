using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Amp.Markdown;

/// <summary>Writes Markdown as HTML that needs no style and no script, and leads nowhere but to links that a reader clicks.</summary>
internal sealed class SafeHtmlRenderer
{
    // Below those of the page.
    private const int HeadingOffset = 3;

    private static readonly MarkdownPipeline s_pipeline = MarkdownText.Builder().DisableHtml().Build();

    private readonly HtmlRenderer _renderer;

    public SafeHtmlRenderer()
    {
        _renderer = new HtmlRenderer(TextWriter.Null);
        s_pipeline.Setup(_renderer);
        _renderer.ObjectRenderers.Replace<LinkInlineRenderer>(new Links());
        _renderer.ObjectRenderers.Replace<AutolinkInlineRenderer>(new Autolinks());
        _renderer.ObjectRenderers.Replace<CodeBlockRenderer>(new CodeBlocks());
    }

    /// <summary>Renders a text.</summary>
    public string RenderText(string text)
    {
        MarkdownDocument document = MarkdownText.Parse(text, s_pipeline);
        foreach (MarkdownObject part in document.Descendants())
        {
            if (part is HeadingBlock heading)
            {
                heading.Level = Math.Min(6, heading.Level + HeadingOffset);
            }
            else if (part is Table table)
            {
                // Alignment would become a style attribute, which the policy of the page forbids.
                foreach (TableColumnDefinition column in table.ColumnDefinitions)
                {
                    column.Alignment = null;
                    column.Width = 0;
                }
            }
        }

        using StringWriter html = new();
        _renderer.Writer = html;
        _renderer.Render(document);
        _renderer.Writer = TextWriter.Null;
        return html.ToString();
    }

    private static void WriteLink(HtmlRenderer renderer, string? url, bool canBeLink, Action content)
    {
        if (canBeLink && MarkdownText.IsSafeLink(url))
        {
            renderer.Write("<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"").WriteEscapeUrl(url).Write("\">");
            content();
            renderer.Write("</a>");
            return;
        }

        content();
        if (!string.IsNullOrEmpty(url))
        {
            renderer.Write(" <span class=\"dead\">(").WriteEscape(url).Write(")</span>");
        }
    }

    private sealed class Links : HtmlObjectRenderer<LinkInline>
    {
        protected override void Write(HtmlRenderer renderer, LinkInline link) => WriteLink(
            renderer,
            link.GetDynamicUrl?.Invoke() ?? link.Url,
            !IsInLink(link),
            () =>
            {
                if (link.IsImage)
                {
                    renderer.Write("[image] ");
                }

                renderer.WriteChildren(link);
            });

        // An image in a link: a link in a link is no HTML.
        private static bool IsInLink(Inline inline)
        {
            for (ContainerInline? parent = inline.Parent; parent is not null; parent = parent.Parent)
            {
                if (parent is LinkInline)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private sealed class Autolinks : HtmlObjectRenderer<AutolinkInline>
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline link)
        {
            string url = link.IsEmail ? "mailto:" + link.Url : link.Url;
            if (MarkdownText.IsSafeLink(url))
            {
                WriteLink(renderer, url, canBeLink: true, () => renderer.WriteEscape(link.Url));
            }
            else
            {
                renderer.WriteEscape(link.Url);
            }
        }
    }

    private sealed class CodeBlocks : HtmlObjectRenderer<CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock code)
        {
            bool isDiff = code is FencedCodeBlock { Info: "diff" or "patch" };
            renderer.EnsureLine();
            renderer.Write("<pre><code>");
            for (int i = 0; i < code.Lines.Count; i++)
            {
                ReadOnlySpan<char> line = code.Lines.Lines[i].Slice.AsSpan();
                string? kind = !isDiff || line.IsEmpty ? null : line[0] switch { '+' => "add", '-' => "del", '@' => "hunk", _ => null };
                if (kind is not null)
                {
                    renderer.Write("<span class=\"").Write(kind).Write("\">").WriteEscape(line);
                    renderer.Write("</span>");
                }
                else
                {
                    renderer.WriteEscape(line);
                }

                renderer.Write('\n');
            }

            renderer.Write("</code></pre>");
            renderer.EnsureLine();
        }
    }
}
