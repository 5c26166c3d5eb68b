using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Http;

/// <summary>Reads the bodies of requests; the CLI compresses those of its internal calls from 25 KB on.</summary>
internal static class RequestBody
{
    /// <summary>The most a body may have, packed and unpacked.</summary>
    public const int MostBytes = 64 * 1024 * 1024;

    public static async Task<string> ReadTextAsync(HttpRequest request)
    {
        bool isPacked = request.Headers.ContentEncoding.ToString().Equals("gzip", StringComparison.OrdinalIgnoreCase);
        await using Stream? unpacked = isPacked ? new GZipStream(request.Body, CompressionMode.Decompress) : null;
        Stream body = unpacked ?? request.Body;
        using var buffer = new MemoryStream();
        byte[] chunk = new byte[64 * 1024];
        int read;
        while ((read = await body.ReadAsync(chunk, request.HttpContext.RequestAborted)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MostBytes)
            {
                throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
            }
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
