using Amp.Text;

namespace Amp.Mcp;

/// <summary>A URL for the CLI, and its form for output.</summary>
internal sealed class McpUrl
{
    private McpUrl(string text, string shown, IReadOnlyList<string> secrets)
    {
        Text = text;
        Shown = shown;
        Secrets = secrets;
    }

    /// <summary>The URL.</summary>
    public string Text { get; }

    /// <summary>The URL, with masked values of parameters whose names suggest a secret.</summary>
    public string Shown { get; }

    /// <summary>The masked values.</summary>
    public IReadOnlyList<string> Secrets { get; }

    /// <exception cref="AmpValidationException">The text is not an absolute HTTP URL, or contains a password.</exception>
    public static McpUrl Of(string? text, string optionName)
    {
        McpCheck.Text(text, optionName);
        Uri? uri = null;

        // Variables that the CLI inserts can be any part of the URL.
        if (!text!.Contains("${", StringComparison.Ordinal)
            && (!Uri.TryCreate(text, UriKind.Absolute, out uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0))
        {
            throw new AmpValidationException(
                $"{optionName} is not a URL that begins with http:// or https://.",
                optionName,
                "Give it in full: https://example.com/mcp.");
        }

        if (text.Any(char.IsWhiteSpace))
        {
            throw new AmpValidationException($"{optionName} contains white space.", optionName, "Write a space as %20, or remove it.");
        }

        // The CLI's HTTP client refuses such a URL with a message that shows it.
        return uri is { UserInfo.Length: > 0 }
            ? throw new AmpValidationException(
                $"{optionName} contains a user name or password, which the CLI does not accept.",
                optionName,
                "Give them in an Authorization header: 'Basic ' and name:password in Base64.")
            : Masked(text);
    }

    private static McpUrl Masked(string text)
    {
        int query = text.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
        {
            return new McpUrl(text, text, []);
        }

        int end = text.IndexOf('#', query);
        end = end < 0 ? text.Length : end;
        List<string> secrets = [];
        string[] parameters = text[(query + 1)..end].Split('&');
        for (int i = 0; i < parameters.Length; i++)
        {
            string[] parts = parameters[i].Split('=', 2);
            if (parts.Length == 2 && parts[1].Length > 0 && SecretRedactor.IsSecretName(Uri.UnescapeDataString(parts[0])))
            {
                secrets.Add(parts[1]);
                string plain = Uri.UnescapeDataString(parts[1]);
                if (plain != parts[1])
                {
                    secrets.Add(plain);
                }

                parameters[i] = $"{parts[0]}={SecretText.Mask}";
            }
        }

        return new McpUrl(text, $"{text[..query]}?{string.Join('&', parameters)}{text[end..]}", secrets);
    }
}
