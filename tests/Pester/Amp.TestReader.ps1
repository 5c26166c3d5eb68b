# What a reader of the documentation does: run its code and its scripts in a session in which Amp is installed. Part of Amp.TestSupport.psm1.

function Enter-AmpTestReader {
    # Makes this session one that finds the module, the real CLI and the local service as a user's does, and goes to the project.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Mandatory, Position = 1)] [pscustomobject] $Service,
        [string] $CliPath = (Get-AmpTestLayout).MarchCli
    )

    $layout = Get-AmpTestLayout
    $environment = (Get-AmpLocalCall $Place $Service).Environment + @{
        PSModulePath = (Split-Path (Split-Path $layout.Module)) + [System.IO.Path]::PathSeparator + $env:PSModulePath
        # systemd's checker wants one.
        XDG_RUNTIME_DIR = $Place.Root
        GIT_AUTHOR_NAME = 'Kim'
        GIT_AUTHOR_EMAIL = 'kim@example.com'
        GIT_COMMITTER_NAME = 'Kim'
        GIT_COMMITTER_EMAIL = 'kim@example.com'
    }
    $environment['AMP_CLI_PATH'] = $CliPath
    $reader = [pscustomobject]@{ Environment = Use-AmpTestVariable $environment; Location = Get-Location }
    Set-Location -LiteralPath $Place.Project
    $reader
}

function Exit-AmpTestReader {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [AllowNull()] [pscustomobject] $Reader)

    if ($null -eq $Reader) {
        return
    }

    Set-Location $Reader.Location
    $null = Use-AmpTestVariable $Reader.Environment
}

function Get-AmpMarkdownSection {
    # The sections of a page: its headings, and the code below each up to the next one.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $LiteralPath,
        [string] $Language = 'powershell'
    )

    $heading = ''
    $codes = [System.Collections.Generic.List[string]]::new()
    $lines = $null
    $fence = $null
    foreach ($line in @(Get-Content -LiteralPath $LiteralPath) + '# ') {
        if ($null -ne $fence) {
            if ($line -eq '```') {
                if ($fence -eq $Language) {
                    $codes.Add($lines -join "`n")
                }

                $fence = $null
            } else {
                $lines.Add($line)
            }
        } elseif ($line -match '^```(\w*)$') {
            $fence = $Matches[1]
            $lines = [System.Collections.Generic.List[string]]::new()
        } elseif ($line -match '^#{1,6} ') {
            if ($codes.Count -gt 0) {
                [pscustomobject]@{ Heading = $heading; Code = $codes.ToArray() }
            }

            $heading = $line -replace '^#+ (\d+\. )?'
            $codes.Clear()
        }
    }

    if ($null -ne $fence) {
        throw "A block of code in $LiteralPath does not end."
    }
}
