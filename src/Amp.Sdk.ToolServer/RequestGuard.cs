using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Amp.ToolServer;

/// <summary>
/// Decides which requests are heard. Every program of the machine can reach the port, and so can every page that a browser on it
/// shows: the token keeps out the former, and the checks of Host and Origin the latter before they can try one.
/// </summary>
internal sealed class RequestGuard
{
    /// <summary>The longest body that is read; what agents hand to tools is far below.</summary>
    public const int LongestBody = 8 * 1024 * 1024;

    private readonly string _host;
    private readonly string _path;
    private readonly byte[] _authorization;

    public RequestGuard(int port, string path, string token)
    {
        _host = $"127.0.0.1:{port}";
        _path = path;
        _authorization = Encoding.ASCII.GetBytes($"Bearer {token}");
    }

    /// <summary>How a request is refused; null for one that is let in. No body is read for it.</summary>
    public HttpStatusCode? Refusal(HttpListenerRequest request)
    {
        if (!request.IsLocal || request.Headers["Host"] != _host)
        {
            return HttpStatusCode.Forbidden;
        }

        // The CLI is no browser and sends none.
        if (request.Headers["Origin"] is string origin && origin != $"http://{_host}")
        {
            return HttpStatusCode.Forbidden;
        }

        byte[] authorization = Encoding.UTF8.GetBytes(request.Headers["Authorization"] ?? string.Empty);
        if (!CryptographicOperations.FixedTimeEquals(authorization, _authorization))
        {
            return HttpStatusCode.Unauthorized;
        }

        if (request.Url?.AbsolutePath != _path)
        {
            return HttpStatusCode.NotFound;
        }

        if (request.HttpMethod is not ("POST" or "DELETE"))
        {
            // There is nothing that the server says unasked, for which a client would open a stream by GET.
            return HttpStatusCode.MethodNotAllowed;
        }

        if (request.HttpMethod == "DELETE")
        {
            return null;
        }

        return request.ContentLength64 > LongestBody ? HttpStatusCode.RequestEntityTooLarge
            : !IsJson(request.ContentType) ? HttpStatusCode.UnsupportedMediaType
            : null;
    }

    /// <summary>The whole body; null where it is too long, whatever its header said.</summary>
    public static async Task<byte[]?> ReadBodyAsync(HttpListenerRequest request, CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = await request.InputStream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (body.Length + count > LongestBody)
            {
                return null;
            }

            body.Write(buffer, 0, count);
        }

        return body.ToArray();
    }

    private static bool IsJson(string? contentType) =>
        contentType is not null
        && contentType.Split(';', 2)[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
}
