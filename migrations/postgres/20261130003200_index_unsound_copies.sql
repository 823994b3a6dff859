-- Copies that are not sound are counted every few seconds by whoever watches the registry.

CREATE INDEX image_copies_unsound ON image_copies (state) WHERE state <> 'ok';
