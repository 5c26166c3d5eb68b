namespace Amp.Sdk.Tests.Support;

/// <summary>The scripts that npm and pnpm put beside a program, as they write them.</summary>
internal static class ShimTexts
{
    private const string PosixStart = """
        #!/bin/sh
        basedir=$(dirname "$(echo "$0" | sed -e 's,\\,/,g')")

        case `uname` in
            *CYGWIN*|*MINGW*|*MSYS*)
                if command -v cygpath > /dev/null 2>&1; then
                    basedir=`cygpath -w "$basedir"`
                fi
            ;;
        esac


        """;

    private const string CommandStart = """
        @ECHO off
        GOTO start
        :find_dp0
        SET dp0=%~dp0
        EXIT /b
        :start
        SETLOCAL
        CALL :find_dp0


        """;

    private const string PowerShellStart = """
        #!/usr/bin/env pwsh
        $basedir=Split-Path $MyInvocation.MyCommand.Definition -Parent

        $exe=""
        if ($PSVersionTable.PSVersion -lt "6.0" -or $IsWindows) {
          # Fix case when both the Windows and Linux builds of Node
          # are installed in the same directory
          $exe=".exe"
        }


        """;

    public static string PosixNode(string target) => PosixStart + $"""
        if [ -x "$basedir/node" ]; then
          exec "$basedir/node"  "$basedir/{target}" "$@"
        else
          exec node  "$basedir/{target}" "$@"
        fi
        """;

    public static string PosixNative(string target) => PosixStart + $"exec \"$basedir/{target}\"   \"$@\"\n";

    public static string CommandNode(string target) => (CommandStart + $"""
        IF EXIST "%dp0%\node.exe" (
          SET "_prog=%dp0%\node.exe"
        ) ELSE (
          SET "_prog=node"
          SET PATHEXT=%PATHEXT:;.JS;=;%
        )

        endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\{Backslashes(target)}" %*
        """).ReplaceLineEndings("\r\n");

    public static string CommandNative(string target) =>
        (CommandStart + $"\"%dp0%\\{Backslashes(target)}\"   %*\n").ReplaceLineEndings("\r\n");

    public static string PowerShellNode(string target) => PowerShellStart + $$"""
        $ret=0
        if (Test-Path "$basedir/node$exe") {
          if ($MyInvocation.ExpectingInput) {
            $input | & "$basedir/node$exe"  "$basedir/{{target}}" $args
          } else {
            & "$basedir/node$exe"  "$basedir/{{target}}" $args
          }
          $ret=$LASTEXITCODE
        }
        exit $ret
        """;

    public static string PowerShellNative(string target) => PowerShellStart + $"& \"$basedir/{target}\"   $args\nexit $LASTEXITCODE\n";

    public static string PnpmPosixNode(string target) => PosixStart + $"""
        if [ -z "$NODE_PATH" ]; then
          export NODE_PATH="/home/user/.local/share/pnpm/global/5/.pnpm/main.js/node_modules"
        else
          export NODE_PATH="/home/user/.local/share/pnpm/global/5/.pnpm/main.js/node_modules:$NODE_PATH"
        fi
        if [ -x "$basedir/node" ]; then
          exec "$basedir/node"  "$basedir/{target}" "$@"
        else
          exec node  "$basedir/{target}" "$@"
        fi
        """;

    private static string Backslashes(string path) => path.Replace('/', '\\');
}
