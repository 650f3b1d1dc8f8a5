"""Python clients of the three services, generated from their OpenAPI documents."""
